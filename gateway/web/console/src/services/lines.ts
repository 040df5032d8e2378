// The lines of what a service needs, as they are typed and as they are sent; pure.
import type { Text } from "@kit/types";
import { both } from "../components/words";
import type { RoleDraft, RoleLine } from "./servicesApi";

export interface LineForm {
  /** What was read: its skills, pool, buffers and the like are not shown, and kept. */
  read: RoleLine | null;
  type: string;
  /** What customers read; empty: the name of the type. */
  name: Text;
  quantity: number;
  offset: number;
  length: number;
}

const USUAL_MINUTES = 60;
const LONGEST_STEM = 36; // a key has 40 characters at most

export const newLine = (): LineForm => ({
  read: null,
  type: "",
  name: { zh: "", en: "" },
  quantity: 1,
  offset: 0,
  length: USUAL_MINUTES,
});

export const lineForm = (read: RoleLine): LineForm => ({
  read,
  type: read.resource_type,
  name: { zh: read.name?.zh ?? "", en: read.name?.en ?? "" },
  quantity: read.quantity,
  offset: read.offset_minutes,
  length: read.length_minutes,
});

/** What was read of a line, as long as it is of the same type: skills of a person mean nothing of a room. */
export const kept = ({ read, type }: LineForm): RoleLine | null => (read?.resource_type === type ? read : null);

/** Every line with a key of its own; lines that were read keep theirs. */
export function rolesOf(lines: LineForm[]): RoleDraft[] {
  const taken = new Set(lines.map((line) => kept(line)?.key));
  return lines.map((line) => {
    const key = kept(line)?.key ?? freeKey(line.type, taken);
    taken.add(key);
    const name = both(line.name);
    return {
      ...kept(line),
      key,
      name: name.zh ? name : null,
      resource_type: line.type,
      quantity: line.quantity,
      offset_minutes: line.offset,
      length_minutes: line.length,
    };
  });
}

function freeKey(type: string, taken: Set<string | null | undefined>): string {
  let key = type;
  for (let n = 2; taken.has(key); n++) key = `${type.slice(0, LONGEST_STEM)}_${n}`;
  return key;
}

/** How long the customer is there by the lines: until the last one has done its work. */
export function minutesOf(roles: RoleDraft[]): number {
  const served = roles.filter((role) => !role.optional && !role.whole_days);
  return Math.max(1, ...served.map((role) => (role.offset_minutes ?? 0) + role.length_minutes));
}
