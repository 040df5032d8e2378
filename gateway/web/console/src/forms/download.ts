// A file of the gateway, in the language of the page, saved as browsers save files.
import { ApiProblem, queryString, type Query } from "@kit/client";
import type { Problem } from "@kit/types";
import { currentLocale } from "../i18n";

export async function download(path: string, query: Query, name: string): Promise<void> {
  const headers = { "Accept-Language": currentLocale() };
  const response = await fetch(`/api/v1/${path}${queryString(query)}`, { headers, credentials: "same-origin" });
  if (!response.ok) throw new ApiProblem({ ...((await response.json()) as Problem), status: response.status });
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
