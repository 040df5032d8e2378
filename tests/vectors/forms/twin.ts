// Answers, line by line, what the browser's half of the forms makes of a question in JSON.
import { createInterface } from "node:readline";

import { evaluate } from "../../../gateway/web/kit/forms/logic";
import { state } from "../../../gateway/web/kit/forms/state";

createInterface({ input: process.stdin }).on("line", (line) => {
  const { rule, data, definition, values, options, today } = JSON.parse(line);
  const answer =
    definition === undefined ? evaluate(rule, data) : state(definition, values, { options, today });
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
