// How far a package reaches: up to which entry and moment it can be complete.  One rule: an old
// statement is none about the log of today.  (As reach.py; by whose clock "fresh" is, only there.)

import { Fault } from "./verdict.js";

const MINUTES = 60_000, SOON = 15 * MINUTES, LONGEST = 24 * 60 * MINUTES, MOST_BEHIND = 1000;

export function moment(written) {
  const found = typeof written === "string" ? Date.parse(written) : NaN;
  if (Number.isNaN(found)) throw new Fault(`${written} is no moment`, `${written} 不是时间`);
  return found;
}

const atOf = async (proven, index) => moment((await proven.fields(index)).at);

export async function checkMoment({ statement, proven, exported }) {
  const [made, takenOut] = [moment(statement.made), await atOf(proven, exported)];
  if (takenOut < made - SOON || takenOut > made + LONGEST) throw new Fault("its time is not that of its export entry", "其时间与导出条目的时间不符");
}

/** Names the clips of a whole log that the statement should have counted; how far it reaches. */
export async function checkLater({ statement, proven, exported }, step) {
  const [made, takenOut] = [moment(statement.made), await atOf(proven, exported)];
  let meanwhile = 0;
  for (const index of proven.ofKind("archive.verified").filter((each) => each >= statement.size)) {
    const at = await atOf(proven, index);
    if (at < made - SOON) step.found(`entry ${index}`, "a clip came in before the package was made; it is left", "片段在制作本包之前入库，却被遗漏");
    else if (index > exported && at > takenOut + SOON) step.found(`entry ${index}`, "a clip came in later: an old statement in a newer log", "片段在此之后入库：旧声明配新日志");
    else meanwhile += 1;
  }
  const [en, zh] = meanwhile ? [`; ${meanwhile} clips came in while it was made`, `；制作期间另有 ${meanwhile} 个片段入库`] : ["", ""];
  return [`complete up to entry ${statement.size} of the log, ${statement.made}${en}`, `完整至日志第 ${statement.size} 项，${statement.made}${zh}`];
}

/** The last census was taken for this export, of the log as it was. */
export async function checkRecent({ statement, proven }, [index, census]) {
  if (await atOf(proven, index) < moment(statement.made) - SOON) throw new Fault("the last census is older than the package: one is left out", "最后一次普查早于本包：有普查被遗漏");
  if (index - census.to > MOST_BEHIND) throw new Fault(`the census in entry ${index} counts only up to ${census.to}`, `第 ${index} 项的普查只计到第 ${census.to} 项`);
}
