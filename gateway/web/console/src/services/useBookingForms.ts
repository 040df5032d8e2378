// The forms that can be asked with a booking: all published ones, read page by page.
import { formsApi } from "../formsApi";
import type { FormItem } from "../forms/types";
import { useFetched, type Fetched } from "../composables/useFetched";

export function useBookingForms(): Fetched<FormItem[]> {
  return useFetched(async (signal) => {
    const found: FormItem[] = [];
    let cursor: string | null = null;
    do {
      const page = await formsApi.forms({ kind: "booking", state: "published" }, cursor, signal);
      found.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor);
    return found;
  });
}
