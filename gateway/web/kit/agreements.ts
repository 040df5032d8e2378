// Agreements (合同) that customers sign, and their templates: shapes, and how their states look.
import type { StateLook } from "./states";
import { colours } from "./tokens";
import type { Instant, Text } from "./types";

export type AgreementState = "draft" | "shown" | "signed" | "void";

/** One line of a booking's list. */
export interface AgreementItem {
  id: string;
  booking_id: string | null;
  order_id: string | null;
  template_id: string;
  template_version: number;
  title: Text;
  state: AgreementState;
  created_at: Instant;
  /** When its customer first read it; only then can it be signed. */
  shown_at: Instant | null;
  signed_at: Instant | null;
  voided_at: Instant | null;
  void_reason: string;
}

export interface Agreement extends AgreementItem {
  text: Text;
  signer_name: string | null;
  signature_svg: string | null;
  sha256: string | null;
  /** Whether what is kept is still what was signed; null before. */
  intact: boolean | null;
  /** Whether the booking has changed since, so that it can no longer be signed. */
  outdated: boolean;
}

/** [x, y] in whole numbers, in a box of `SIGNATURE_BOX`. */
export type SignaturePoint = [number, number];
export const SIGNATURE_BOX = { width: 1000, height: 400 } as const;

export interface SignatureGiven {
  signer_name: string;
  strokes: SignaturePoint[][];
}

export interface AgreementTemplateDraft {
  name: Text;
  /** For which services and packages; none of either means all. */
  service_ids: string[];
  package_ids: string[];
  title: Text;
  text: Text;
  active: boolean;
}

export interface AgreementTemplate extends AgreementTemplateDraft {
  id: string;
  /** Rises with every change of title or text. */
  version: number;
  changed_at: Instant;
}

/** What a text may name in double braces. */
export interface Placeholder {
  name: string;
  label: Text;
}

export interface AgreementTemplates {
  items: AgreementTemplate[];
  placeholders: Placeholder[];
}

export const agreementStates: Record<AgreementState, StateLook> = {
  draft: { label: { zh: "待客户查看", en: "Not seen yet" }, colour: colours.amber.strong, soft: colours.amber.soft },
  shown: { label: { zh: "待签署", en: "To be signed" }, colour: colours.sky.strong, soft: colours.sky.soft },
  signed: { label: { zh: "已签署", en: "Signed" }, colour: colours.pine.strong, soft: colours.pine.soft },
  void: { label: { zh: "已作废", en: "Void" }, colour: colours.ash.strong, soft: colours.ash.soft },
};

export const awaitsSignature = ({ state }: Pick<AgreementItem, "state">): boolean => state === "draft" || state === "shown";

/** A signature as the address of a picture. */
export const signatureUrl = (svg: string): string => `data:image/svg+xml;utf8,${encodeURIComponent(svg)}`;
