// Builds the inside of an entry on the board from text nodes only: names come from customers.
import { formatCountdown, pickText, secondsUntil } from "@kit/format";
import type { AwaySpan, CalendarEntry } from "@kit/scheduling";
import type { Locale } from "@kit/types";

function part(className: string, text: string): HTMLElement {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}

function line(...parts: HTMLElement[]): HTMLElement {
  const element = part("entry-line", "");
  element.append(...parts);
  return element;
}

function countdown(expiresAt: string): HTMLElement {
  const element = part("entry-hold", formatCountdown(secondsUntil(expiresAt)));
  element.dataset.expiresAt = expiresAt;
  return element;
}

export function entryContent(entry: CalendarEntry, starts: string, locale: Locale, blocked: string): Node[] {
  const name = entry.booking?.contact_name || entry.booking?.number || entry.reason || blocked;
  const lines = [line(part("entry-time", starts), part("entry-name", name))];
  const below: HTMLElement[] = [];
  if (entry.booking) below.push(part("entry-service", pickText(entry.booking.service_name, locale)));
  if (entry.places) below.push(part("entry-places", `${entry.places_taken ?? 0}/${entry.places}`));
  if (entry.state === "held" && entry.hold_expires_at) below.push(countdown(entry.hold_expires_at));
  if (below.length) lines.push(line(...below));
  return lines;
}

/** Let every countdown on the board show the seconds it has left. */
export function tickCountdowns(root: HTMLElement, now: Date): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-expires-at]")) {
    element.textContent = formatCountdown(secondsUntil(element.dataset.expiresAt ?? "", now));
  }
}

/** What stands in the shade of somebody who is away. */
export function awayContent(away: AwaySpan, kind: string): Node[] {
  const label = part("away-label", away.reason ? `${kind} · ${away.reason}` : kind);
  label.title = label.textContent ?? "";
  return [label];
}
