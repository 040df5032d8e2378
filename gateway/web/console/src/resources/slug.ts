// Names on the wire for what a studio adds itself: made of the English name where there is one; pure.
export function slugOf(english: string, taken: string[], fallback: string): string {
  const words = english.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^[_0-9]+|_+$/g, "").slice(0, 32);
  const base = words || fallback;
  for (let n = 1; ; n += 1) {
    const slug = n === 1 && words ? base : `${base}_${n}`;
    if (!taken.includes(slug)) return slug;
  }
}
