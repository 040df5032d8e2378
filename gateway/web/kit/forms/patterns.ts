// Patterns of text fields: the twin of services/booking/domain/forms/patterns.py.

/** Characters of a pattern, and of a text that is compared with one. */
export const MAX_LENGTH = 200;
const MAX_VARIABLE = 3;

const LITERAL = String.raw`[^\\.\[\](){}*+?|^$\x00-\x1f]`;
const MEMBER = String.raw`[^\\\[\]^\-&~|\x00-\x1f]`;
const CLASS = String.raw`\[\^?(?:${MEMBER}-${MEMBER}|${MEMBER}|\\[dw\\\]\[^\-])+\]`;
const ATOM = String.raw`(?:${LITERAL}|\\[dw.\[\]()\{\}*+?|^$\\\/]|\.|${CLASS})`;
const COUNT = String.raw`(?:[*+?]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\})`;
const BRANCH = `(?:${ATOM}${COUNT}?)+`;
const WHOLE = new RegExp(String.raw`^\^?(${BRANCH}(?:\|${BRANCH})*)\$?$`, "u");
const FIXED = /^(?:\{[0-9]+\})?$/;
const SETS: Readonly<Record<string, string>> = { d: "0-9", w: "A-Za-z0-9_" };

/** A pattern as a regular expression, or null when it is not one of these. */
export function compilePattern(pattern: string): RegExp | null {
  const whole = Array.from(pattern).length <= MAX_LENGTH ? WHOLE.exec(pattern) : null;
  if (whole === null) return null;
  const token = new RegExp(`(${ATOM})(${COUNT}?)|\\|`, "gu");
  let spelled = "";
  let variable = 0;
  for (let found = token.exec(whole[1] as string); found; found = token.exec(whole[1] as string)) {
    spelled += found[1] === undefined ? "|" : spell(found[1]) + (found[2] ?? "");
    if (!FIXED.test(found[2] ?? "")) variable += 1;
  }
  if (variable > MAX_VARIABLE) return null;
  try {
    return new RegExp(`^(?:${spelled})$`, "u");
  } catch {
    return null;
  }
}

function spell(atom: string): string {
  if (atom === ".") return "[^\\n]";
  if (atom.startsWith("[")) {
    return atom.replace(/\\(.)/gu, (escape, name: string) => SETS[name] ?? escape);
  }
  const set = atom.startsWith("\\") ? SETS[atom.slice(1)] : undefined;
  return set === undefined ? atom : `[${set}]`;
}
