// The form of one service: what was typed, and the service it makes. What the form does not show is kept.
import { newIdempotencyKey } from "@kit/client";
import type { Deposit, Part, Tier } from "@kit/money";
import type { Text } from "@kit/types";
import { computed, reactive, type ComputedRef } from "vue";
import { both } from "../components/words";
import { depositForm, depositOf, type DepositForm } from "./depositForm";
import { lineForm, minutesOf, newLine, rolesOf, type LineForm } from "./lines";
import type { BookingRules, Requirement, ServiceDraft, SoldService } from "./servicesApi";

/** A service as it was read, with what it needs. */
export interface ReadService {
  service: SoldService;
  requirement: Requirement;
}

/** Where a service goes: its place among all, and for a new one where it is offered at first. */
export interface Placing {
  position: number;
  branchIds: string[];
}

export interface ServiceForm {
  name: Text;
  category: Text;
  summary: Text;
  content: Text[];
  cents: number | null;
  deposit: DepositForm;
  policy: Tier[];
  schedule: Part[];
  approval: boolean;
  /** Undefined: none is asked. */
  formId: string | undefined;
  lines: LineForm[];
  /** What customers are told; undefined: as the lines say. */
  minutes: number | undefined;
  branchIds: string[];
}

const words = (text?: Text): Text => ({ zh: text?.zh ?? "", en: text?.en ?? "" });

/** The length that somebody set, and not the one that follows from the lines anyway. */
function toldMinutes({ duration_minutes, roles }: Requirement): number | undefined {
  return duration_minutes === minutesOf(roles) ? undefined : duration_minutes;
}

function formOf(read: ReadService | null, placing: Placing): ServiceForm {
  const service = read?.service;
  return {
    name: words(service?.name),
    category: words(service?.category),
    summary: words(service?.summary),
    content: service ? service.content.map(words) : [words()],
    cents: service?.price_cents ?? null,
    deposit: depositForm(service?.deposit),
    policy: structuredClone(service?.policy ?? []),
    schedule: structuredClone(service?.schedule ?? []),
    approval: service?.needs_approval ?? false,
    formId: service?.form_id ?? undefined,
    lines: read ? read.requirement.roles.map(lineForm) : [newLine()],
    minutes: read ? toldMinutes(read.requirement) : undefined,
    branchIds: [...(read?.requirement.branch_ids ?? placing.branchIds)],
  };
}

function rulesOf(read: ReadService | null): Partial<BookingRules> {
  if (!read) return {};
  const { service_id: _id, branch_ids: _branches, duration_minutes: _minutes, roles: _roles, ...rules } = read.requirement;
  return rules;
}

function draftOf(form: ServiceForm, read: ReadService | null, placing: Placing): ServiceDraft | null {
  const [name, category, summary] = [form.name, form.category, form.summary].map(both) as [Text, Text, Text];
  const deposit = depositOf(form.deposit);
  const needs = form.lines.length > 0 && form.lines.every((line) => line.type);
  if (!name.zh || !category.zh || !summary.zh || form.cents === null || !deposit || !needs) return null;
  return {
    ...rulesOf(read),
    name,
    category,
    summary,
    content: form.content.map(both).filter((line) => line.zh),
    price_cents: form.cents,
    deposit,
    policy: form.policy,
    schedule: form.schedule,
    needs_approval: form.approval,
    currency: read?.service.currency ?? "CNY",
    cover: read?.service.cover ?? null,
    position: read?.service.position ?? placing.position,
    form_id: form.formId || null,
    branch_ids: form.branchIds,
    duration_minutes: form.minutes ?? null,
    roles: rolesOf(form.lines),
  };
}

export function useServiceForm(read: ReadService | null, placing: Placing): {
  id: string;
  form: ServiceForm;
  /** How long it takes by its lines. */
  minutes: ComputedRef<number>;
  /** Null while its amount is missing. */
  deposit: ComputedRef<Deposit | null>;
  /** Null while something is missing. */
  complete: ComputedRef<ServiceDraft | null>;
} {
  const form = reactive(formOf(read, placing));
  const minutes = computed(() => minutesOf(rolesOf(form.lines)));
  const deposit = computed(() => depositOf(form.deposit));
  const complete = computed(() => draftOf(form, read, placing));
  return { id: read?.service.id ?? newIdempotencyKey(), form, minutes, deposit, complete };
}
