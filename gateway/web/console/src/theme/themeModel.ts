// What the theme's editor knows without a page: the content of a look, colours as typed, sections in another order.
import { unreadable, type Colours, type Look, type Section, type ThemeContent, type Unreadable } from "@kit/theme";
import { moved } from "../forms/fieldModel";

export const copyOf = (look: Look): Look => JSON.parse(JSON.stringify(look)) as Look;

/** What is saved of a look: all but the addresses of its pictures, which the gateway knows. */
export function contentOf({ logo_url: _logo, hero_url: _hero, ...content }: Look): ThemeContent {
  return JSON.parse(JSON.stringify(content)) as ThemeContent;
}

export const isSame = (one: Look, other: Look): boolean => JSON.stringify(contentOf(one)) === JSON.stringify(contentOf(other));

/** Move the section called `name` to the place of another. */
export function dropped(sections: Section[], name: string, onto: string): Section[] {
  const at = sections.findIndex((one) => one.name === name);
  const to = sections.findIndex((one) => one.name === onto);
  return at < 0 || to < 0 ? sections : moved(sections, at, to - at);
}

/** What somebody typed as a colour, as it is kept: `2C5F53` is #2c5f53, #abc is #aabbcc; anything else stays. */
export function asColour(text: string): string {
  const digits = text.trim().toLowerCase().replace(/^#/, "");
  if (/^[0-9a-f]{3}$/.test(digits)) return `#${[...digits].map((digit) => digit + digit).join("")}`;
  return /^[0-9a-f]{6}$/.test(digits) ? `#${digits}` : text.trim();
}

const PLACES = ["name", "slogan", "logo", "hero", "notice", "phone", "address", "icp", "colours", "corners", "typeface", "catalogue"];

/** The i18n key of the field that a fault points at, the innermost that has a name; "" for none. */
export function placeOf(pointer: string): string {
  const place = pointer.split("/").reverse().find((word) => PLACES.includes(word));
  return place ? `theme.${place}` : "";
}

/** What is wrong with one colour, the worst first. */
export const faultsOf = (colours: Colours, colour: keyof Colours): Unreadable[] =>
  unreadable(colours)
    .filter((fault) => fault.colour === colour)
    .sort((one, other) => one.ratio - other.ratio);
