// Answers as people read them.
import { formatMoney, formatPhone, pickText } from "@kit/format";
import type { Field, Option } from "@kit/forms/kinds";
import type { Json } from "@kit/forms/logic";
import type { Locale, Text } from "@kit/types";

type Labels = Record<string, Text>;

const SPOKEN: Record<"consent" | "other", [Text, Text]> = {
  consent: [
    { zh: "同意", en: "Agreed" },
    { zh: "不同意", en: "Not agreed" },
  ],
  other: [
    { zh: "是", en: "Yes" },
    { zh: "否", en: "No" },
  ],
};

/** One answer in one line; "" when there is none. Files and signatures are shown, not told. */
export function answerText(field: Field, value: Json | undefined, labels: Labels, locale: Locale): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return pickText(SPOKEN[field.kind === "consent" ? "consent" : "other"][value ? 0 : 1], locale);
  if (field.kind === "money" || (field.kind === "computed" && field.result === "money")) return formatMoney(Number(value));
  if (field.kind === "phone") return formatPhone(String(value));
  if (field.kind === "datetime") return String(value).replace("T", " ");
  if (Array.isArray(value)) {
    const between = field.kind === "cascade" ? " / " : locale === "zh" ? "、" : ", ";
    return value.map((each) => named(field, each, labels, locale)).join(between);
  }
  if (typeof value === "object") return objectText(value as Record<string, Json>);
  return named(field, value, labels, locale);
}

function objectText(value: Record<string, Json>): string {
  if ("start" in value) return `${String(value.start).replace("T", " ")} – ${String(value.end).replace("T", " ")}`;
  const region = Array.isArray(value.region) ? value.region : [];
  return [...region, value.text ?? ""].join(" ").trim();
}

function named(field: Field, value: Json, labels: Labels, locale: Locale): string {
  const text = labels[String(value)] ?? optionLabel(field.options ?? [], String(value));
  return text ? pickText(text, locale) : String(value);
}

function optionLabel(options: readonly Option[], value: string): Text | null {
  for (const option of options) {
    const found = option.value === value ? option.label : optionLabel(option.children ?? [], value);
    if (found) return found;
  }
  return null;
}

/** A signature as the `d` of an SVG path: each stroke is [x, y, x, y, …]. */
export function signaturePath(strokes: readonly (readonly number[])[]): string {
  return strokes
    .map((stroke) => {
      const points: string[] = [];
      for (let at = 0; at + 1 < stroke.length; at += 2) points.push(`${stroke[at]} ${stroke[at + 1]}`);
      // a tap is a dot: a path of one point shows nothing without its line
      return points.length === 1 ? `M${points[0]}l.1 0` : `M${points.join("L")}`;
    })
    .join("");
}
