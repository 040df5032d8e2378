// Shapes of forms, of what was sent with them, and of data tables, as the HTTP API answers them.
import type { Json } from "@kit/forms/logic";
import type { Definition } from "@kit/forms/state";
import type { FieldError, Instant, LocalDate, Text } from "@kit/types";

export type FormKind = "booking" | "survey" | "table" | "other";
export type FormState = "draft" | "published" | "archived";
export type SubmissionStatus = "new" | "handled" | "discarded";
export type Answers = Record<string, Json>;

export interface FormItem {
  id: string;
  kind: FormKind;
  name: Text;
  revision: number;
  published_version: number | null;
  published_revision: number | null;
  published_at: Instant | null;
  active: boolean;
  public: boolean;
  changed_at: Instant;
  views: number;
  starts: number;
  submits: number;
}

export interface FormLink {
  id: string;
  form_id: string;
  code: string;
  label: string;
  channel: string;
  branch_id: string | null;
  expires_at: Instant | null;
  disabled: boolean;
  url: string;
  short_url: string;
  embed_html: string;
}

/** What keeps a draft from being published; told in both languages. */
export interface DraftFault {
  pointer: string;
  code: string;
  message: Text;
}

export interface Form extends FormItem {
  definition: Definition;
  faults: DraftFault[];
  links: FormLink[];
  versions: { number: number; revision: number; published_at: Instant }[];
}

export interface FormDraft {
  kind: FormKind;
  name: Text;
  definition: Definition;
  active: boolean;
  public: boolean;
  revision: number | null;
}

export interface LinkDraft {
  label: string;
  channel: string;
  branch_id: string | null;
  expires_at: Instant | null;
  disabled: boolean;
}

export interface FormDay {
  day: LocalDate;
  link_id: string;
  channel: string;
  views: number;
  starts: number;
  submits: number;
}

export interface Choice {
  value: string;
  label: Text;
}

export interface Submission {
  id: string;
  form_id: string;
  version: number;
  link_id: string;
  channel: string;
  booking_id: string | null;
  branch_id: string | null;
  contact: { name: string | null; phone: string | null };
  answers: Answers;
  labels: Record<string, Text>;
  status: SubmissionStatus;
  submitted_at: Instant;
}

export interface SentFile {
  id: string;
  name: string;
  state: string;
  content_type: string | null;
  files: { variant: string; url: string; content_type: string }[];
}

export interface SubmissionDetail extends Submission {
  definition: Definition;
  files: SentFile[];
}

export interface Row {
  id: string;
  version: number;
  revision: number;
  answers: Answers;
  labels: Record<string, Text>;
  changed_at: Instant;
  deleted_at: Instant | null;
}

/** What is wrong, as a refusal of the gateway tells it or as a draft carries it. */
export type Wrong = Pick<FieldError, "pointer" | "message">;
