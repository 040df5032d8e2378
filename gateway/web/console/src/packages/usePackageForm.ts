// The form of one package: what was typed, and the package it makes.
import { newIdempotencyKey } from "@kit/client";
import type { Deposit, ItemKind, Package, PackageDraft, PackageItem, Part, Tier } from "@kit/money";
import type { Text } from "@kit/types";
import { computed, reactive, type ComputedRef } from "vue";
import { both } from "../components/words";

export const KINDS: ItemKind[] = ["session", "retouch", "garment", "album", "frame", "print", "digital", "gift", "other"];

export interface PackageForm {
  name: Text;
  category: Text;
  summary: Text;
  items: PackageItem[];
  cents: number | null;
  depositKind: Deposit["kind"];
  depositCents: number | null;
  /** Percent of the price. */
  depositPercent: number;
  depositMoney: Deposit["money"];
  /** Empty: the default terms; likewise the schedule. */
  policy: Tier[];
  schedule: Part[];
  validDays: number | undefined;
  approval: boolean;
  active: boolean;
}

const words = (text?: Text): Text => ({ zh: text?.zh ?? "", en: text?.en ?? "" });

export const newItem = (kind: ItemKind): PackageItem => ({ kind, label: words(), quantity: 1, service_id: null });

function formOf(of: Package | null): PackageForm {
  return {
    name: words(of?.name),
    category: words(of?.category),
    summary: words(of?.summary),
    items: of ? of.items.map((item) => ({ ...item, label: words(item.label) })) : [newItem("session")],
    cents: of?.price_cents ?? null,
    depositKind: of?.deposit.kind ?? "fixed",
    depositCents: of?.deposit.kind === "fixed" ? of.deposit.value : null,
    depositPercent: of?.deposit.kind === "percent" ? of.deposit.value / 100 : 20,
    depositMoney: of?.deposit.money ?? "earnest",
    policy: of?.policy ?? [],
    schedule: of?.schedule ?? [],
    validDays: of?.valid_days ?? undefined,
    approval: of?.needs_approval ?? false,
    active: of?.active ?? true,
  };
}

function depositOf(form: PackageForm, of: Package | null): Deposit | null {
  const { depositKind: kind, depositMoney: money } = form;
  const value = kind === "fixed" ? form.depositCents : kind === "percent" ? Math.round(form.depositPercent * 100) : 0;
  return value === null ? null : { kind, value, due: of?.deposit.due ?? "booking", money };
}

export function usePackageForm(of: Package | null, next: number): {
  id: string;
  form: PackageForm;
  /** False while no shoot names its service. */
  bookable: ComputedRef<boolean>;
  /** Null while its amount is missing. */
  deposit: ComputedRef<Deposit | null>;
  /** Null while something is missing. */
  complete: ComputedRef<PackageDraft | null>;
} {
  const form = reactive(formOf(of));
  const sessions = computed(() => form.items.filter((item) => item.kind === "session"));
  const bookable = computed(() => sessions.value.length > 0 && sessions.value.every((item) => item.service_id));

  const deposit = computed(() => depositOf(form, of));

  const complete = computed<PackageDraft | null>(() => {
    const name = both(form.name);
    const items = form.items.map((item) => ({
      ...item,
      label: both(item.label),
      service_id: item.kind === "session" ? item.service_id : null,
    }));
    if (!name.zh || form.cents === null || !deposit.value || !bookable.value || items.some((item) => !item.label.zh)) return null;
    return {
      name,
      category: both(form.category),
      summary: both(form.summary),
      items,
      price_cents: form.cents,
      deposit: deposit.value,
      policy: form.policy,
      schedule: form.schedule,
      needs_approval: form.approval,
      currency: of?.currency ?? "CNY",
      cover: of?.cover ?? null,
      valid_days: form.validDays ?? null,
      position: of?.position ?? next,
      active: form.active,
    };
  });
  return { id: of?.id ?? newIdempotencyKey(), form, bookable, deposit, complete };
}
