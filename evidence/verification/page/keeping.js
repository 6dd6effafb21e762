// Step 10: each original was locked write-once and kept; what is gone went lawfully, by the entries.
// (As keeping.py.)

import { archived, eachClip, mustBe, refuse } from "./clips.js";
import { BESIDE, MATTERS, Trails, miscounted, problems } from "./lawful.js";
import { moment } from "./reach.js";
import { waits } from "./verdict.js";

const OPEN = [
  "by which rule a clip was disposed of is taken as its entry says: evidock verify works it out from the law pack",
  "处置所依规则按条目所载；evidock verify 可依规则文件重新推算",
];

export async function checkKeeping(about, step) {
  const trails = new Trails();
  if (about.proven) for (const kind of BESIDE) for (const index of about.proven.ofKind(kind)) await step.about(`entry ${index}`, async () => trails.hear(index, await about.proven.fields(index)));
  if (about.statement) await checkPacks(about, trails, step);
  let hasEnded = false;
  const ending = await eachClip(about, step, async (clip) => {
    step.checked += 1;
    const entries = [];
    for (const index of clip.entries) entries.push([index, await about.proven.fields(index)]);
    hasEnded ||= entries.some(([, fields]) => fields.kind === "dispose.begin");
    if (entries.some(([, fields]) => MATTERS.has(fields.kind))) for (const [en, zh] of problems(trails.of(entries), latest(about))) step.found(clip.clip, en, zh);
    await checkClip(about, clip, entries);
  });
  if (about.statement && about.isWhole) await step.about("statement.json", () => checkCounts(about, step));
  return hasEnded && ending.outcome === "passed" ? waits(...OPEN) : ending;
}

/** By the reader's own clock, or by a quorum that the policy trusts, if they saw the log earlier. */
function latest({ policy, seen }) {
  const reached = policy?.reached(seen) ?? null;
  return Math.min(Date.now(), ...(reached === null ? [] : [reached]));
}

async function checkPacks(about, trails, step) {
  const [named, { law, size }] = [trails.packs(), about.statement];
  for (const digest of law) {
    step.checked += 1;
    await step.about(`law/${digest}.toml`, () => {
      mustBe(about, `law/${digest}.toml`, digest, null);
      if (!named.has(digest)) refuse("no law.publish entry names it", "没有发布规则的条目记载它");
    });
  }
  for (const [digest, index] of named) if (about.isWhole && index < size && !law.includes(digest)) step.found(`law/${digest}.toml`, `is not in the package, and entry ${index} published it`, `本包不含此文件，而第 ${index} 项已发布`);
}

async function checkClip({ proven }, clip, entries) {
  const said = await archived(proven, clip);
  if (said.lock_mode !== "COMPLIANCE") refuse(`it was stored in mode ${said.lock_mode}, not COMPLIANCE`, `存储模式为 ${said.lock_mode}，不是 COMPLIANCE`);
  if (!(moment(said.lock_until) > moment(said.received))) refuse("its lock ended before it was received", "锁定在接收之前已结束");
  const disposed = entries.some(([, fields]) => fields.kind === "dispose.done");
  if (clip.without === "disposed" && !disposed) refuse("it is said to be disposed of, and no dispose.done entry says so", "声称已处置，但没有处置条目");
  if (clip.original !== null && disposed) refuse("a dispose.done entry says that it is gone, and it is here", "处置条目称其已销毁，但它仍在此");
}

async function checkCounts({ proven }, step) {
  const ends = [];
  for (const index of [...proven.ofKind("dispose.begin"), ...proven.ofKind("dispose.done")].sort((a, b) => a - b)) ends.push([index, await proven.fields(index)]);
  for (const [index, en, zh] of miscounted(ends, proven.ofKind("archive.verified"))) step.found(`entry ${index}`, en, zh);
}
