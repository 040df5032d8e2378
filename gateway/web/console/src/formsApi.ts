// The endpoints of forms, submissions and data tables, one function each.
import type { Page } from "@kit/types";
import type {
  Answers,
  Choice,
  Form,
  FormDay,
  FormDraft,
  FormItem,
  FormKind,
  FormLink,
  FormState,
  LinkDraft,
  Row,
  Submission,
  SubmissionDetail,
  SubmissionStatus,
} from "./forms/types";
import { client, part as id } from "./transport";

export interface SubmissionFilter {
  q?: string;
  status?: SubmissionStatus | "";
  branch_id?: string;
  from?: string;
  to?: string;
}

const form = (formId: string): string => `forms/${id(formId)}`;

export const formsApi = {
  forms: (filter: { kind?: FormKind | ""; without_tables?: boolean; state?: FormState | ""; q?: string }, cursor: string | null, signal?: AbortSignal) =>
    client.get<Page<FormItem>>("forms", { query: { ...filter, cursor, limit: 50 }, signal }),
  form: (formId: string, signal?: AbortSignal) => client.get<Form>(form(formId), { signal }),
  defineForm: (formId: string, body: FormDraft) => client.put<Form>(form(formId), { body }),
  publishForm: (formId: string, revision: number) => client.post<Form>(`${form(formId)}/publish`, { body: { revision } }),
  choices: (formId: string, signal?: AbortSignal) =>
    client.get<{ options: Record<string, Choice[]>; more: string[] }>(`${form(formId)}/choices`, { signal }),
  defineLink: (formId: string, linkId: string, body: LinkDraft) =>
    client.put<FormLink>(`${form(formId)}/links/${id(linkId)}`, { body }),
  counts: (formId: string, span: { from: string; to: string }, signal?: AbortSignal) =>
    client.get<{ items: FormDay[] }>(`${form(formId)}/counts`, { query: span, signal }),

  submissions: (formId: string, filter: SubmissionFilter, cursor: string | null, signal?: AbortSignal) =>
    client.get<Page<Submission>>(`${form(formId)}/submissions`, { query: { ...filter, cursor, limit: 30 }, signal }),
  submission: (submissionId: string, signal?: AbortSignal) =>
    client.get<SubmissionDetail>(`submissions/${id(submissionId)}`, { signal }),
  markSubmission: (submissionId: string, status: SubmissionStatus) =>
    client.put<Submission>(`submissions/${id(submissionId)}/status`, { body: { status } }),

  rows: (tableId: string, filter: { q?: string; deleted?: boolean }, cursor: string | null, signal?: AbortSignal) =>
    client.get<Page<Row>>(`${form(tableId)}/rows`, { query: { ...filter, cursor, limit: 50 }, signal }),
  defineRow: (tableId: string, rowId: string, body: { answers: Answers; revision: number | null }) =>
    client.put<Row>(`${form(tableId)}/rows/${id(rowId)}`, { body }),
  removeRow: (tableId: string, rowId: string) => client.delete(`${form(tableId)}/rows/${id(rowId)}`),
  restoreRow: (tableId: string, rowId: string) => client.post<Row>(`${form(tableId)}/rows/${id(rowId)}/restore`),
};

/** Where the picture of a link's code is. */
export const qrPath = (link: FormLink, kind: "svg" | "png"): string =>
  `/api/v1/${form(link.form_id)}/links/${id(link.id)}/qr.${kind}`;
