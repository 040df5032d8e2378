// Answers questions about the console's terms, one JSON a line, with the very functions that the pages use.
import { createInterface } from "node:readline";
import * as terms from "../../../gateway/web/console/src/terms/termsModel";

const ANSWERS: Record<string, (asked: any) => unknown> = {
  policy: () => terms.defaultPolicy(),
  schedule: ({ deposit }) => terms.usualSchedule(deposit),
  whens: () => terms.WHENS,
  tier: ({ tier }) => ({
    ...tier,
    from_hours: terms.fromHoursOf(terms.noticeOf(tier.from_hours)),
    move_fee: terms.feeOf(terms.typedFee(tier.move_fee)),
    cancel_fee: terms.feeOf(terms.typedFee(tier.cancel_fee)),
    earnest_return: terms.hundredthsOf(terms.typedOf(tier.earnest_return)),
    other_return: terms.hundredthsOf(terms.typedOf(tier.other_return)),
  }),
  part: ({ part }) => ({ ...part, ...terms.dueOf(terms.typedDue(part)), value: terms.hundredthsOf(terms.typedOf(part.value)) }),
  typed: ({ part }) => terms.typedDue(part),
  chosen: ({ when, due }) => terms.dueOf(terms.whenChosen(when, due)),
  said: ({ part, as }) => terms.partChosen(part, as),
  addTier: ({ policy, cause }) => terms.addTier(policy, cause),
  addPart: ({ schedule }) => terms.addPart(schedule),
  split: ({ faults }) => terms.splitFaults(faults),
  at: ({ faults, place }) => terms.faultsAt(faults, place),
  of: ({ faults, list }) => terms.faultsOf(faults, list),
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { ask, ...rest } = JSON.parse(line);
  console.log(JSON.stringify(ANSWERS[ask]!(rest)));
});
