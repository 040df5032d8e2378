// Answers questions about themes, one JSON a line, with the very functions that the pages use.
import { createInterface } from "node:readline";
import { asColour, contentOf, dropped, faultsOf, isSame, placeOf } from "../../../gateway/web/console/src/theme/themeModel";
import { contrast, DEFAULT_LOOK, inkOn, readable, tokensOf, unreadable } from "../../../gateway/web/kit/theme";
import { homeParts } from "../../../gateway/web/portal/src/lib/home";

const ANSWERS: Record<string, (asked: any) => unknown> = {
  contrast: ({ one, other }) => contrast(one, other),
  ink: ({ colour }) => inkOn(colour),
  unreadable: ({ colours }) => unreadable(colours),
  faults: ({ colours, colour }) => faultsOf(colours, colour).map(({ ground }) => ground),
  readable: ({ colour, text, grounds }) => readable(colour, text, grounds),
  default: () => contentOf(DEFAULT_LOOK),
  tokens: ({ look }) => tokensOf({ ...DEFAULT_LOOK, ...look }),
  same: ({ look }) => isSame(DEFAULT_LOOK, { ...DEFAULT_LOOK, ...look }),
  parts: ({ sections, notice }) => homeParts(sections, notice),
  dropped: ({ sections, name, onto }) => dropped(sections, name, onto).map((one) => one.name),
  colour: ({ text }) => asColour(text),
  place: ({ pointer }) => placeOf(pointer),
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { ask, ...rest } = JSON.parse(line);
  console.log(JSON.stringify(ANSWERS[ask]!(rest)));
});
