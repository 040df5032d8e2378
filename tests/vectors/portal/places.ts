// Answers questions about places and channels, one JSON a line, with the very functions that the pages use.
import { createInterface } from "node:readline";
import { browserChannel, channelIn, isTried } from "../../../gateway/web/portal/src/lib/channels";
import { mapUrl, placeIn, regionIn } from "../../../gateway/web/portal/src/lib/geo";

const ANSWERS: Record<string, (asked: any) => unknown> = {
  place: ({ text }) => placeIn(text),
  map: ({ point }) => mapUrl(point),
  region: ({ text }) => regionIn(text),
  channel: ({ address }) => channelIn(address),
  browser: ({ agent }) => browserChannel(agent),
  tried: ({ address }) => isTried(address),
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { ask, ...rest } = JSON.parse(line);
  console.log(JSON.stringify(ANSWERS[ask]!(rest)));
});
