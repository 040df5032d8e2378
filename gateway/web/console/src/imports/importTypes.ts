// An import as the gateway tells of it; the fields are the owner's, the page knows none by name.
import type { Instant, Text } from "@kit/types";

export type ImportState =
  | "receiving"
  | "received"
  | "checking"
  | "checked"
  | "running"
  | "done"
  | "undoing"
  | "undone";

/** What a file holds. */
export type FileKind = "orders" | "customers";

export interface ImportItem {
  id: string;
  name: string;
  kind: FileKind;
  state: ImportState;
  rows: number;
  checked: number;
  good: number;
  bad: number;
  /** Of the good rows those of customers who are here already. */
  known: number;
  done: number;
  undone: number;
  kept: number;
  /** What orders cost, or the stored value that customers bring. */
  total_cents: number;
  paid_cents: number;
  points: number;
  currency: string;
  created_at: Instant;
  finished_at: Instant | null;
}

/** `columns`: {field: column}; `values`: {field: {text: what it means}}; `defaults`: {field: meaning}. */
export interface Mapping {
  columns: Record<string, number>;
  values: Record<string, Record<string, string>>;
  defaults: Record<string, string>;
}

export interface Import extends ImportItem {
  columns: string[];
  sample: string[][];
  mapping: Mapping;
}

export interface ImportField {
  name: string;
  label: Text;
  kind: "text" | "phone" | "moment" | "clock" | "minutes" | "money" | "number" | "choice";
  required: boolean;
  example: Text;
}

export interface Choice {
  id: string;
  label: Text;
}

export interface ImportValues {
  choices: Choice[];
  items: { text: string; count: number; meaning: string | null }[];
}

export interface CellError {
  field: string;
  column: number | null;
  code: string;
  message: Text;
}

export interface ImportRow {
  line: number;
  state: "new" | "good" | "bad" | "done" | "undone" | "kept";
  cells: string[];
  errors: CellError[];
  known: boolean;
  booking_id: string | null;
  customer_id: string | null;
}

export interface ImportRows {
  items: ImportRow[];
  next_after: number | null;
}
