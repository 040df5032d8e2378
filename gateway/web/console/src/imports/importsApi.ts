// The endpoints of imports, one function each; the file itself is no JSON and goes by its own.
import { ApiProblem } from "@kit/client";
import type { Page, Problem } from "@kit/types";
import { currentLocale } from "../i18n";
import { client, part as id } from "../transport";
import type { FileKind, Import, ImportField, ImportItem, ImportRows, ImportValues, Mapping } from "./importTypes";

export const imports = {
  list: (cursor: string | null, signal?: AbortSignal) =>
    client.get<Page<ImportItem>>("imports", { query: { cursor, limit: 20 }, signal }),
  fields: (kind: FileKind, signal?: AbortSignal) =>
    client.get<{ items: ImportField[] }>("imports/fields", { query: { kind }, signal }),
  read: (importId: string, signal?: AbortSignal) => client.get<Import>(`imports/${id(importId)}`, { signal }),
  values: (importId: string, field: string, column: number | null) =>
    client.get<ImportValues>(`imports/${id(importId)}/values`, { query: { field, column } }),
  map: (importId: string, body: Mapping) => client.put<Import>(`imports/${id(importId)}/mapping`, { body }),
  rows: (importId: string, state: string, after: number, signal?: AbortSignal) =>
    client.get<ImportRows>(`imports/${id(importId)}/rows`, { query: { state, after, limit: 50 }, signal }),
  run: (importId: string) => client.post<Import>(`imports/${id(importId)}/run`),
  undo: (importId: string) => client.post<Import>(`imports/${id(importId)}/undo`),
  remove: (importId: string) => client.delete(`imports/${id(importId)}`),
};

export function templateUrl(kind: FileKind): string {
  return `/api/v1/imports/template.xlsx?kind=${kind}`;
}

export function errorsUrl(importId: string): string {
  return `/api/v1/imports/${id(importId)}/errors.xlsx`;
}

/** Send a file; a second try under the same id sends nothing twice. */
export async function sendFile(importId: string, kind: FileKind, file: File): Promise<ImportItem> {
  const url = `/api/v1/imports/${id(importId)}?kind=${kind}&name=${encodeURIComponent(file.name)}`;
  const headers = {
    "Accept-Language": currentLocale(),
    "Content-Type": "application/octet-stream",
    "X-Requested-With": "console",
  };
  let answer: Response;
  try {
    answer = await fetch(url, { method: "PUT", headers, body: file, credentials: "same-origin" });
  } catch {
    throw new ApiProblem(refusal(0));
  }
  const told = (await answer.json().catch(() => null)) as ImportItem | Problem | null;
  if (answer.ok && told) return told as ImportItem;
  throw new ApiProblem({ ...refusal(answer.status), ...(told as Problem | null) });
}

function refusal(status: number): Problem {
  const zh = currentLocale() === "zh";
  return {
    status,
    code: "client.not_sent",
    message: zh ? "文件没有发送成功，请重试。" : "The file did not arrive. Please try again.",
  };
}
