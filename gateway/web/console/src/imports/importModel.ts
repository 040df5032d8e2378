// What the import page says of an import, without any framework.
import type { CellError, FileKind, Import, ImportField, ImportItem, ImportState, Mapping } from "./importTypes";

export const FILE_KINDS: readonly FileKind[] = ["customers", "orders"];

/** Read what an address says that a file holds. */
export function kindOf(text: unknown): FileKind | null {
  return FILE_KINDS.find((kind) => kind === text) ?? null;
}

export type Step = "map" | "check" | "result";

/** Where the gateway is at work by itself, so the page asks again. */
export function isWorking(state: ImportState): boolean {
  return state === "checking" || state === "running" || state === "undoing";
}

/** Which step of the page shows an import; `remapping` goes back to the mapping of a checked one. */
export function stepOf(state: ImportState, remapping: boolean): Step {
  if (state === "receiving" || state === "received" || (state === "checked" && remapping)) return "map";
  return state === "checking" || state === "checked" ? "check" : "result";
}

/** How much of the present work is done, and of how much. */
export function progressOf(item: ImportItem): { done: number; of: number } {
  if (item.state === "checking") return { done: item.checked, of: item.rows };
  if (item.state === "undoing") return { done: item.undone + item.kept, of: item.done };
  return { done: item.done, of: item.good };
}

export function percentOf(item: ImportItem): number {
  const { done, of } = progressOf(item);
  return of ? Math.floor((100 * done) / of) : 0;
}

/** Put a field on a column, or on none; a column holds one field only. */
export function withColumn(mapping: Mapping, field: string, column: number | null): Mapping {
  const columns: Record<string, number> = {};
  for (const [other, at] of Object.entries(mapping.columns)) {
    if (other !== field && at !== column) columns[other] = at;
  }
  if (column !== null) columns[field] = column;
  return { ...mapping, columns };
}

/** Say what a text of a column means; an empty meaning leaves it to be guessed. */
export function withMeaning(mapping: Mapping, field: string, text: string, meaning: string): Mapping {
  const texts = { ...mapping.values[field] };
  if (meaning) texts[text] = meaning;
  else delete texts[text];
  return { ...mapping, values: { ...mapping.values, [field]: texts } };
}

export function withDefault(mapping: Mapping, field: string, meaning: string): Mapping {
  const defaults = { ...mapping.defaults };
  if (meaning) defaults[field] = meaning;
  else delete defaults[field];
  return { ...mapping, defaults };
}

/** The required fields that have no column yet. */
export function missing(mapping: Mapping, fields: ImportField[]): ImportField[] {
  return fields.filter(({ name, required }) => required && !(name in mapping.columns));
}

/** The first texts that stand in a column, to recognise it by. */
export function samplesOf(found: Import, column: number | undefined): string {
  if (column === undefined) return "";
  const texts = found.sample.map((cells) => cells[column]).filter(Boolean);
  return [...new Set(texts)].slice(0, 3).join(" · ");
}

/** The errors of a row by the column in which they stand; those of none are under -1. */
export function errorsByColumn(errors: CellError[]): Map<number, CellError[]> {
  const found = new Map<number, CellError[]>();
  for (const error of errors) {
    const at = error.column ?? -1;
    found.set(at, [...(found.get(at) ?? []), error]);
  }
  return found;
}
