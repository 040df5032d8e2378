// Answers questions about the portal's forms, one JSON a line, with the very functions that the pages use.
import { createInterface } from "node:readline";
import { paymentName } from "../../../gateway/web/kit/states";
import { useAnswers } from "../../../gateway/web/portal/src/composables/useAnswers";
import { narrowed } from "../../../gateway/web/portal/src/lib/choices";
import { addable, besides } from "../../../gateway/web/portal/src/lib/together";
import { bodyOf, faultsOf, sheetsOf, unanswered } from "../../../gateway/web/portal/src/lib/visitForms";

/** Type texts into the search box of a field, and tell what is offered after each, chosen or not. */
async function searched({ form, chosen, typed, found }: any): Promise<unknown> {
  const asked: string[] = [];
  const search = async (_key: string, text: string) => {
    asked.push(text);
    return found ?? null;
  };
  const answers = useAnswers(form, "2026-11-22", chosen, search);
  const question = () => answers.groups.value[0]!.questions[0]!;
  const offered: string[][] = [];
  for (const text of typed) {
    await answers.find(question().field.key, text);
    offered.push(question().choices.map(({ value }) => value));
  }
  return { isSearched: question().isSearched, offered, asked, content: answers.content() };
}

const ANSWERS: Record<string, (asked: any) => unknown> = {
  sheets: ({ services }) => sheetsOf(services),
  body: ({ given }) => bodyOf(given),
  faults: ({ errors, sheet }) => faultsOf(errors, sheet),
  unanswered: ({ booking }) => unanswered(booking),
  narrowed: ({ choices, text, chosen }) => narrowed(choices, text, chosen),
  besides: ({ first, services }) => besides(first, services).map(({ id }) => id),
  addable: ({ services, chosen }) => addable(services, chosen).map(({ id }) => id),
  searched,
  payment: ({ payment, booking }) => paymentName(payment, booking),
};

createInterface({ input: process.stdin }).on("line", async (line) => {
  const { ask, ...rest } = JSON.parse(line);
  console.log(JSON.stringify(await ANSWERS[ask]!(rest)));
});
