// Says what a price rule does and when it holds; pure but for the words it is given.
import { formatBasisPoints, formatMonthDay, formatMoney } from "@kit/format";
import type { DateRange, PriceRule } from "@kit/money";
import type { Locale } from "@kit/types";

export interface RuleNames {
  branch: (id: string) => string;
  service: (id: string) => string;
  t: (key: string, words?: Record<string, unknown>) => string;
  locale: Locale;
}

/** ¥3,999, +¥200 or −10%. */
export function effectWords({ effect, value }: Pick<PriceRule, "effect" | "value">): string {
  if (effect === "set") return formatMoney(value);
  const written = effect === "add" ? formatMoney(value) : formatBasisPoints(value);
  return value > 0 ? `+${written}` : written;
}

const datesWords = ({ first, last, yearly }: DateRange, { t, locale }: RuleNames): string => {
  const written = (day: string): string => (yearly ? formatMonthDay(day, locale) : day);
  const span = first === last ? written(first) : `${written(first)} – ${written(last)}`;
  return yearly ? t("prices.everyYear", { span }) : span;
};

/** The conditions of a rule, one after the other; always, when it has none. */
export function matchWords({ match }: Pick<PriceRule, "match">, names: RuleNames): string {
  const comma = names.locale === "zh" ? "、" : ", ";
  const list = <One>(all: One[] | null, word: (one: One) => string): string => (all ?? []).map(word).join(comma);
  const { from_time: from, to_time: to } = match;
  const said = [
    list(match.weekdays, (code) => names.t(`dayCodes.${code}`)),
    list(match.dates, (range) => datesWords(range, names)),
    from && to ? `${from.slice(0, 5)}–${to.slice(0, 5)}` : "",
    list(match.branch_ids, names.branch),
    list(match.service_ids, names.service),
    match.skill ? names.t("prices.skill", { skill: match.skill, levels: (match.skill_levels ?? []).join("/") }) : "",
  ];
  return said.filter(Boolean).join(" · ") || names.t("prices.always");
}
