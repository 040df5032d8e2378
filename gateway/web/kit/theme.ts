// How the public pages look: what a theme says, whether its colours can be read, and the styles it becomes.
// The server's half is services/booking/domain/themes.py; tests/vectors/themes keeps the two equal.
import type { Text } from "./types";

export const HERO_STYLES = ["light", "plain", "picture"] as const;
export const CORNERS = ["none", "small", "large"] as const;
export const TYPEFACES = ["sans", "serif"] as const;
export const LAYOUTS = ["cards", "list", "pictures"] as const;
export const SECTIONS = ["notice", "hero", "branches", "categories", "catalogue"] as const;

export type HeroStyle = (typeof HERO_STYLES)[number];
export type Corners = (typeof CORNERS)[number];
export type Typeface = (typeof TYPEFACES)[number];
export type Layout = (typeof LAYOUTS)[number];
export type SectionName = (typeof SECTIONS)[number];

export interface Colours {
  brand: string;
  background: string;
  surface: string;
  text: string;
}

export interface Section {
  name: SectionName;
  shown: boolean;
}

/** What a theme says; `logo` and `hero.picture` are uploads. */
export interface ThemeContent {
  name: Text;
  slogan: Text;
  logo: string | null;
  hero: { style: HeroStyle; picture: string | null };
  colours: Colours;
  corners: Corners;
  typeface: Typeface;
  catalogue: Layout;
  sections: Section[];
  notice: Text;
  footer: { phone: string; address: Text; icp: string };
}

/** A theme with the addresses of its pictures. */
export interface Look extends ThemeContent {
  logo_url: string | null;
  hero_url: string | null;
}

export interface PublicTheme extends Look {
  version: number;
}

/** What a studio has that never touched its theme; the styles' own values are of these colours. */
export const DEFAULT_LOOK: Look = {
  name: { zh: "影期", en: "Yingqi" },
  slogan: { zh: "", en: "" },
  logo: null,
  hero: { style: "light", picture: null },
  colours: { brand: "#2c5f53", background: "#f7f5f1", surface: "#ffffff", text: "#26231f" },
  corners: "large",
  typeface: "serif",
  catalogue: "cards",
  sections: SECTIONS.map((name) => ({ name, shown: true })),
  notice: { zh: "", en: "" },
  footer: { phone: "", address: { zh: "", en: "" }, icp: "" },
  logo_url: null,
  hero_url: null,
};

/** The least contrast of text (WCAG 1.4.3), and of what need only be seen (1.4.11). */
export const LEGIBLE = 4.5;
export const VISIBLE = 3;

const COLOUR = /^#[0-9a-f]{6}$/i;
export const isColour = (text: string): boolean => COLOUR.test(text);

const channels = (colour: string): number[] => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

/** How bright #rrggbb is, relative to white. */
export function luminance(colour: string): number {
  const [red, green, blue] = channels(colour).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The contrast ratio of two colours, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

/** Which is easier to read on a colour. */
export const inkOn = (colour: string): string =>
  contrast("#ffffff", colour) >= contrast("#000000", colour) ? "#ffffff" : "#000000";

/** A contrast as people read it, cut off so that it never reads as enough. */
export const shownRatio = (ratio: number): number => Math.floor(ratio * 100) / 100;

export interface Unreadable {
  colour: "brand" | "text";
  ground: "background" | "surface";
  ratio: number;
  required: number;
}

/** Which colours cannot be told from what they stand on; malformed ones are not judged. */
export function unreadable(colours: Colours): Unreadable[] {
  if (!Object.values(colours).every(isColour)) return [];
  return (["brand", "text"] as const).flatMap((colour) =>
    (["background", "surface"] as const).flatMap((ground) => {
      const required = colour === "brand" ? VISIBLE : LEGIBLE;
      const ratio = contrast(colours[colour], colours[ground]);
      return ratio < required ? [{ colour, ground, ratio: shownRatio(ratio), required }] : [];
    }),
  );
}

/** Blend two colours; `part` of the second, 0 to 1. */
export function mix(one: string, other: string, part: number): string {
  const others = channels(other);
  const blended = channels(one).map((value, i) => Math.round(value + (others[i]! - value) * part));
  return `#${blended.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** The nearest shade of a colour, on its way to the text's, that can be read on all of these. */
export function readable(colour: string, text: string, grounds: string[]): string {
  for (let part = 0; part < 1; part += 0.05) {
    const shade = mix(colour, text, part);
    if (grounds.every((ground) => contrast(shade, ground) >= LEGIBLE)) return shade;
  }
  return text;
}

const RADII: Record<Corners, [string, string, string, string]> = {
  none: ["0px", "0px", "0px", "0px"],
  small: ["3px", "5px", "8px", "8px"],
  large: ["6px", "10px", "16px", "999px"],
};

/** The custom properties that a theme sets; those that it leaves alone are not named. */
export function tokensOf(look: Pick<ThemeContent, "colours" | "corners" | "typeface">): Record<string, string> {
  const [small, usual, large, pill] = RADII[look.corners];
  return {
    ...shadesOf(look.colours),
    "--yq-radius-small": small,
    "--yq-radius": usual,
    "--yq-radius-large": large,
    "--yq-pill": pill,
    // the first for pages with a root, whose body has its own; the second below it
    ...(look.typeface === "sans" ? { "--yq-headings": "var(--yq-font)", "--yq-serif": "var(--yq-font)" } : {}),
  };
}

function shadesOf(colours: Colours): Record<string, string> {
  const { brand, background, surface, text } = colours;
  if ((Object.keys(colours) as (keyof Colours)[]).every((name) => colours[name] === DEFAULT_LOOK.colours[name])) return {};
  const soft = mix(surface, brand, 0.12);
  const dangerSoft = mix(surface, "#a33b2e", 0.13);
  const warningSoft = mix(surface, "#b9821f", 0.18);
  const grounds = [background, surface];
  const on = inkOn(brand);
  return {
    "--yq-paper": background,
    "--yq-surface": surface,
    "--yq-sunken": mix(background, text, 0.035),
    "--yq-line": mix(background, text, 0.1),
    "--yq-line-strong": mix(background, text, 0.2),
    "--yq-sand": mix(background, brand, 0.08),
    "--yq-ink": text,
    "--yq-ink-soft": readable(mix(text, background, 0.25), text, grounds),
    "--yq-ink-muted": readable(mix(text, background, 0.38), text, grounds),
    "--yq-accent": brand,
    "--yq-on-accent": on,
    "--yq-accent-hover": mix(brand, on === "#ffffff" ? "#000000" : "#ffffff", 0.15),
    "--yq-accent-strong": readable(brand, text, [...grounds, soft]),
    "--yq-accent-soft": soft,
    "--yq-clay": brand,
    "--yq-danger": readable("#a33b2e", text, [...grounds, dangerSoft]),
    "--yq-danger-soft": dangerSoft,
    "--yq-warning": readable("#8a5a0f", text, [...grounds, warningSoft]),
    "--yq-warning-soft": warningSoft,
  };
}
