// How the states of forms and submissions look.
import { colours } from "@kit/tokens";
import type { StateLook } from "@kit/states";
import type { FormItem, FormState, SubmissionStatus } from "./types";

const look = (zh: string, en: string, tone: { strong: string; soft: string }): StateLook => ({
  label: { zh, en },
  colour: tone.strong,
  soft: tone.soft,
});

export const formStates: Record<FormState, StateLook> = {
  draft: look("草稿", "Draft", colours.amber),
  published: look("已发布", "Published", colours.pine),
  archived: look("已停用", "Archived", colours.ash),
};
export const submissionStates: Record<SubmissionStatus, StateLook> = {
  new: look("待处理", "New", colours.amber),
  handled: look("已处理", "Handled", colours.pine),
  discarded: look("已作废", "Discarded", colours.ash),
};

export function stateOf(form: Pick<FormItem, "active" | "published_version">): FormState {
  if (!form.active) return "archived";
  return form.published_version === null ? "draft" : "published";
}

/** Whether the draft is another one than customers see. */
export const isChanged = (form: FormItem): boolean =>
  form.published_version !== null && form.revision !== form.published_revision;

/** Part of those who saw a form who sent it; null when nobody saw it. */
export const conversion = (counted: { views: number; submits: number }): number | null =>
  counted.views ? Math.min(1, counted.submits / counted.views) : null;
