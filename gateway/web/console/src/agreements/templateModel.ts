// What a template's text names, and putting a name into it; pure.
import type { AgreementTemplate, AgreementTemplateDraft } from "@kit/agreements";

export const markOf = (name: string): string => `{{${name}}}`;

/** Put a mark where the cursor is, in the place of what is selected; also answers where the cursor is then. */
export function withMark(text: string, mark: string, from: number, to: number): { text: string; cursor: number } {
  return { text: text.slice(0, from) + mark + text.slice(to), cursor: from + mark.length };
}

/** A draft to edit: of a template, or of a new one. */
export function draftOf(template: AgreementTemplate | null): AgreementTemplateDraft {
  return {
    name: { zh: template?.name.zh ?? "", en: template?.name.en ?? "" },
    service_ids: [...(template?.service_ids ?? [])],
    package_ids: [...(template?.package_ids ?? [])],
    title: { zh: template?.title.zh ?? "", en: template?.title.en ?? "" },
    text: { zh: template?.text.zh ?? "", en: template?.text.en ?? "" },
    active: template?.active ?? true,
  };
}

/** English may stay empty, Chinese never. */
export const isComplete = ({ name, title, text }: AgreementTemplateDraft): boolean =>
  [name, title, text].every(({ zh }) => zh.trim());
