// The endpoints of agreements and of their templates, one function each.
import type { Agreement, AgreementItem, AgreementTemplate, AgreementTemplateDraft, AgreementTemplates } from "@kit/agreements";
import type { Text } from "@kit/types";
import { client, part as id } from "../transport";

const of = (bookingId: string): string => `bookings/${id(bookingId)}/agreements`;
const one = (bookingId: string, agreementId: string): string => `${of(bookingId)}/${id(agreementId)}`;

/** The path of its PDF, for `download`. */
export const paperOf = (bookingId: string, agreementId: string): string => `${one(bookingId, agreementId)}/pdf`;

export const agreements = {
  templates: (signal?: AbortSignal) => client.get<AgreementTemplates>("agreement-templates", { signal }),
  /** Those in use for a booking: for its service, its package, or all. */
  templatesFor: (bookingId: string, signal?: AbortSignal) =>
    client.get<AgreementTemplates>("agreement-templates", { query: { booking_id: bookingId }, signal }),
  defineTemplate: (templateId: string, body: AgreementTemplateDraft) =>
    client.put<AgreementTemplate>(`agreement-templates/${id(templateId)}`, { body }),
  preview: (body: { title: Text; text: Text }) =>
    client.post<{ title: Text; text: Text }>("agreement-templates/preview", { body }),

  list: (bookingId: string, signal?: AbortSignal) =>
    client.get<{ items: AgreementItem[] }>(of(bookingId), { signal }).then(({ items }) => items),
  read: (bookingId: string, agreementId: string, signal?: AbortSignal) =>
    client.get<Agreement>(one(bookingId, agreementId), { signal }),
  drawUp: (bookingId: string, templateId: string) =>
    client.post<Agreement>(of(bookingId), { body: { template_id: templateId } }),
  void: (bookingId: string, agreementId: string, reason: string) =>
    client.post<Agreement>(`${one(bookingId, agreementId)}/void`, { body: { reason } }),
};
