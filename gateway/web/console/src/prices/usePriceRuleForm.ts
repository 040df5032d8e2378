// The form of one price rule: what was typed, and the rule it makes.
import { newIdempotencyKey } from "@kit/client";
import type { DateRange, PriceEffect, PriceMatch, PriceRule } from "@kit/money";
import type { DayCode } from "@kit/scheduling";
import type { Text } from "@kit/types";
import { computed, reactive, type ComputedRef } from "vue";
import { both } from "../components/words";

export interface PriceRuleForm {
  label: Text;
  effect: PriceEffect;
  /** Cents, for a price or an amount. */
  cents: number | null;
  /** Percent, which may have two decimals. */
  percent: number;
  weekdays: DayCode[];
  dates: DateRange[];
  from: string | null;
  to: string | null;
  branchIds: string[];
  serviceIds: string[];
  /** A skill and its levels of whom the customer wished for by name. */
  skill: string;
  levels: number[];
  priority: number;
  exclusive: boolean;
  active: boolean;
}

const NOTHING: PriceMatch = {
  weekdays: null,
  dates: null,
  branch_ids: null,
  service_ids: null,
  skill: null,
  skill_levels: null,
  from_time: null,
  to_time: null,
};

/** Written as the form's clocks do, without seconds. */
const minutes = (time: string | null): string | null => time && time.slice(0, 5);
const some = <One>(all: One[]): One[] | null => (all.length ? all : null);

function formOf(rule: PriceRule | null): PriceRuleForm {
  const match = rule?.match ?? NOTHING;
  return {
    label: { zh: rule?.label.zh ?? "", en: rule?.label.en ?? "" },
    effect: rule?.effect ?? "add",
    cents: rule && rule.effect !== "percent" ? rule.value : null,
    percent: rule?.effect === "percent" ? rule.value / 100 : 10,
    weekdays: [...(match.weekdays ?? [])],
    dates: (match.dates ?? []).map((range) => ({ ...range })),
    from: minutes(match.from_time),
    to: minutes(match.to_time),
    branchIds: [...(match.branch_ids ?? [])],
    serviceIds: [...(match.service_ids ?? [])],
    skill: match.skill ?? "",
    levels: [...(match.skill_levels ?? [])],
    priority: rule?.priority ?? 0,
    exclusive: rule?.exclusive ?? false,
    active: rule?.active ?? true,
  };
}

export function usePriceRuleForm(rule: PriceRule | null): {
  form: PriceRuleForm;
  /** Null while something is missing. */
  complete: ComputedRef<PriceRule | null>;
} {
  const id = rule?.id ?? newIdempotencyKey();
  const form = reactive(formOf(rule));

  const complete = computed<PriceRule | null>(() => {
    const label = both(form.label);
    const value = form.effect === "percent" ? Math.round(form.percent * 100) : form.cents;
    if (!label.zh || value === null || (form.effect !== "set" && !value)) return null;
    if (Boolean(form.from) !== Boolean(form.to)) return null;
    const match: PriceMatch = {
      weekdays: some([...form.weekdays].sort((a, b) => a - b)),
      dates: some(form.dates),
      branch_ids: some(form.branchIds),
      service_ids: some(form.serviceIds),
      skill: form.skill || null,
      skill_levels: form.skill ? some([...form.levels].sort()) : null,
      from_time: form.from,
      to_time: form.to,
    };
    const { effect, priority, exclusive, active } = form;
    return { id, label, effect, value, match, priority, exclusive, active };
  });

  return { form, complete };
}
