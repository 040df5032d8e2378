// Answers questions about the console's desk, one JSON a line, with the very functions that the pages use.
import { createInterface } from "node:readline";
import { fieldErrors, formOf, pickedOf, requestOf, wishOf } from "../../../gateway/web/console/src/booking/wishModel";
import { earnestExcess } from "../../../gateway/web/console/src/packages/earnest";
import { batches, proposals } from "../../../gateway/web/console/src/weather/weatherModel";

const ANSWERS: Record<string, (asked: any) => unknown> = {
  wish: ({ form }) => wishOf(form),
  form: ({ draft, now }) => formOf(draft, new Date(now)),
  picked: ({ addOns, chosen }) => pickedOf(addOns, chosen),
  request: ({ form, addOns, draftId }) => requestOf(form, addOns, draftId),
  errors: ({ problem }) => fieldErrors(problem),
  proposals: ({ bookings, free, timezone }) =>
    Object.fromEntries(proposals(bookings, new Map(Object.entries(free)), timezone)),
  earnest: ({ deposit, cents }) => earnestExcess(deposit, cents),
  batches: ({ items, size }) => batches(items, size),
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { ask, ...rest } = JSON.parse(line);
  console.log(JSON.stringify(ANSWERS[ask]!(rest)));
});
