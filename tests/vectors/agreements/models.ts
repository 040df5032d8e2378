// Answers questions about agreements, one JSON a line, with the very functions that the pages use.
import { createInterface } from "node:readline";
import { draftOf, isComplete, withMark } from "../../../gateway/web/console/src/agreements/templateModel";
import { canGrow, grown, inBox, moved, type Stroke } from "../../../gateway/web/portal/src/lib/signature";

/** Draw a zigzag over the whole sheet until no more is taken. */
function scribble(): Stroke[] {
  let stroke: Stroke = [];
  for (let i = 0; canGrow([stroke]); i += 1) stroke = grown(stroke, [(i * 7) % 700, i % 2 ? -20 : 260]);
  return [stroke];
}

const ANSWERS: Record<string, (asked: any) => unknown> = {
  mark: ({ text, mark, from, to }) => withMark(text, mark, from, to),
  complete: ({ template }) => isComplete(draftOf(template)),
  box: ({ strokes }) => inBox(strokes),
  scribble: () => inBox(scribble()),
  keys: ({ keys }) => keys.reduce((pen: any, key: string) => moved(pen, key), null),
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { ask, ...rest } = JSON.parse(line);
  console.log(JSON.stringify(ANSWERS[ask]!(rest)));
});
