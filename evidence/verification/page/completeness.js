// Step 12: what was selected is all that the log knows of it.  (As completeness.py and census.py.)

import { canonicalValue, compare, hex, joined, same, text, unhex, utf8 } from "./bytes.js";
import { leafHash, rootOf, verifyInclusion } from "./merkle.js";
import { sha256 } from "./sha256.js";
import { OPENED, SHOWN, must } from "./shapes.js";
import { verifyVrf } from "./vrf.js";
import { Cancelled, Fault, absent, done, impossible } from "./verdict.js";
import { DATA } from "./bag.js";
import { archived } from "./clips.js";
import { checkLater, checkRecent } from "./reach.js";

const refuse = (en, zh) => {
  throw new Fault(en, zh);
};

export async function checkCompleteness(about, step) {
  const { statement, proven } = about;
  if (!statement) return impossible("without a statement nothing says what was selected", "没有声明，无法确定选择范围");
  for (const clip of statement.clips) {
    step.checked += 1;
    if (clip.without === "left out") step.found(clip.clip, "its original was left out of the package", "本包省略了其原件");
    if (clip.without === "missing") step.found(clip.clip, "the vault had its original no more when the package was made", "制作本包时库中已无其原件");
  }
  const { kind } = statement.selection;
  if (kind === "all") {
    countAll(statement, proven, step);
    await step.about("census", () => checkWholeCensus(about, step));
    let reached = [];
    await step.about("statement.json", async () => {
      reached = await checkLater(about, step);
    });
    return done(...reached);
  }
  if (kind === "clips") {
    const held = new Set(statement.clips.map((clip) => clip.clip));
    for (const name of statement.selection.clips) if (!held.delete(name)) step.found(name, "was selected, and the package does not hold it", "被选中但不在本包中");
    for (const name of held) step.found(name, "is in the package, and was not selected", "在本包中但未被选中");
    return absent("clips were named one by one, and nobody asked whether there are others", "片段是逐个指定的，未询问是否还有其他片段");
  }
  if (kind === "officer-day") {
    let reached = 0;
    await step.about("census", async () => {
      reached = await checkDay(about, step);
    });
    return done(`complete up to entry ${reached} of the log, ${statement.made}`, `完整至日志第 ${reached} 项，${statement.made}`);
  }
  return absent(`that no other clip belongs to the ${kind} is the archive's word alone`, "没有其他片段属于它：仅凭档案方所言");
}

function countAll(statement, proven, step) {
  const listed = new Map(statement.clips.map((clip) => [clip.clip, clip]));
  const entries = new Set(proven.ofKind("archive.verified"));
  for (const [name, indexes] of proven.clips) {
    const known = indexes.filter((index) => index < statement.size);
    if (!known.some((index) => entries.has(index))) continue;
    if (!listed.has(name)) step.found(name, "the log knows this clip, and the package does not hold it", "日志中有该片段，但本包没有");
    else if (String(listed.get(name).entries) !== String(known)) step.found(name, "the statement does not list all entries about it", "声明未列出其全部条目");
    listed.delete(name);
  }
  for (const name of listed.keys()) step.found(name, "the log did not know this clip when the selection was made", "选择时日志中没有该片段");
}

async function censuses({ statement, proven }) {
  const known = proven.ofKind("census").filter((index) => index < statement.size);
  if (String(known) !== String(statement.completeness)) refuse("the statement does not list all censuses", "声明未列出全部普查");
  const found = [];
  let reached = 0;
  for (const index of known) {
    const census = await proven.fields(index);
    if (census.from !== reached || !(census.to >= reached)) refuse("censuses leave a gap", "普查之间有空缺");
    reached = census.to;
    found.push([index, census]);
  }
  if (reached > statement.size) refuse("a census covers entries that were not there yet", "普查覆盖了当时尚不存在的条目");
  return { found, reached };
}

async function shownOf({ files }, index) {
  return must(SHOWN, canonicalValue(await files.read(`${DATA}completeness/${index}.json`)), "what is shown of a census", "所示普查");
}

/** As Unicode case folding: upper case first, so that ß and ss are one. */
const folded = (name) => name.trim().toUpperCase().toLowerCase().replace(/ς/g, "σ");

async function labelOf(of, census) {
  const who = of.officer === null ? "nobody\n" : `officer\n${of.officer}`;
  return verifyVrf(unhex(census.key, 32), utf8(`evidock-census/v1\n${of.day}\n${who}`), unhex(of.proof, 80));
}

const leafOf = (shown) => joined(unhex(shown.label, 64), unhex(shown.commitment, 32));

function opened(census, leaf) {
  if (!leaf.opening) refuse(`leaf ${leaf.place} of a census is not opened`, `普查第 ${leaf.place} 叶未打开`);
  const value = unhex(leaf.opening.value_hex);
  if (hex(sha256(unhex(leaf.opening.salt, 32), value)) !== leaf.commitment) refuse(`leaf ${leaf.place} of a census: its opening does not open it`, `普查第 ${leaf.place} 叶的打开值不符`);
  const { entries } = must(OPENED, canonicalValue(value), "a leaf of a census", "普查的叶");
  const rising = entries.every((index, place) => !place || entries[place - 1] < index);
  if (!entries.length || !rising || text(value) !== JSON.stringify({ entries })) refuse(`leaf ${leaf.place} of a census does not list entries in order`, `普查第 ${leaf.place} 叶未按顺序列出条目`);
  if (!entries.every((index) => index >= census.from && index < census.to)) refuse("a census lists an entry that it does not cover", "普查列出了范围外的条目");
  return entries;
}

async function oneOf(census, shown) {
  const label = await labelOf(shown.asked, census);
  for (const leaf of shown.leaves) verifyInclusion(leafHash(leafOf(leaf)), leaf.place, census.leaves, leaf.path.map((each) => unhex(each, 32)), unhex(census.root, 32));
  const [first, second] = shown.leaves;
  const side = (leaf) => compare(unhex(leaf.label, 64), label);
  let between = false;
  if (shown.leaves.length === 0) between = census.leaves === 0;
  if (shown.leaves.length === 1) {
    if (side(first) === 0) return opened(census, first);
    between = (first.place === 0 && side(first) > 0) || (first.place === census.leaves - 1 && side(first) < 0);
  }
  if (shown.leaves.length === 2) between = side(first) < 0 && side(second) > 0 && first.place + 1 === second.place;
  if (!between) refuse("a census shows neither the leaf that was asked for nor that there is none", "普查既未出示所求之叶，也未证明其不存在");
  return [];
}

async function checkDay(about, step) {
  const { statement } = about;
  const { found, reached } = await censuses(about);
  if (!found.length) refuse("the package shows no census, so nothing shows that no clip is missing", "本包没有普查，无法证明没有遗漏");
  await checkRecent(about, found.at(-1));
  const counted = new Set();
  for (const [index, census] of found) {
    await step.about(`completeness/${index}.json`, async () => {
      step.checked += 1;
      const shown = await shownOf(about, index);
      const { subject, day } = statement.selection;
      const officer = subject === null ? null : folded(subject);
      if (!shown.asked || shown.asked.officer !== officer || shown.asked.day !== day) refuse("it is about another officer or day than the statement", "与声明的警员或日期不同");
      for (const entry of await oneOf(census, shown)) counted.add(entry);
    });
  }
  const held = new Map(statement.clips.map((clip) => [clip.entry, clip.clip]));
  for (const entry of counted) if (!held.has(entry)) step.found(`entry ${entry}`, "a census counts this clip, and the package does not hold it", "普查计入该片段，但本包没有");
  for (const [entry, clip] of held) if (entry < reached && !counted.has(entry)) step.found(clip, "no census counts it among this officer's clips of this day", "没有普查将其计入该警员当日的片段");
  return reached;
}

async function checkWholeCensus(about, step) {
  const { statement, proven } = about;
  const entries = proven.ofKind("archive.verified");
  const byEntry = new Map(statement.clips.map((clip) => [clip.entry, clip]));
  for (const [index, census] of (await censuses(about)).found) {
    await step.about(`completeness/${index}.json`, async () => {
      if (about.stop.aborted) throw new Cancelled();
      step.checked += 1;
      const counted = await allOf(census, await shownOf(about, index));
      const there = entries.filter((entry) => entry >= census.from && entry < census.to);
      if (there.length !== counted.size || !there.every((entry) => counted.has(entry)) || counted.size !== census.clips) refuse("it does not count just the clips of its range", "未恰好计入其范围内的片段");
      for (const [entry, of] of counted) await checkSubject(about, census, byEntry.get(entry), of);
    });
  }
}

async function allOf(census, shown) {
  const labels = shown.leaves.map((leaf) => unhex(leaf.label, 64));
  if (labels.some((label, place) => place && compare(labels[place - 1], label) >= 0)) refuse("the leaves of a census are not in order", "普查的叶未按顺序");
  const root = rootOf(shown.leaves.map((leaf) => leafHash(leafOf(leaf))));
  if (shown.leaves.length !== census.leaves || hex(root) !== census.root) refuse("the leaves of a census do not give its root", "普查的叶得不出其根");
  const counted = new Map();
  for (const [place, leaf] of shown.leaves.entries()) {
    if (leaf.of && !same(await labelOf(leaf.of, census), labels[place])) refuse(`leaf ${leaf.place} of a census is not of whom it is said to be`, `普查第 ${leaf.place} 叶不属于所称之人`);
    for (const entry of opened(census, leaf)) {
      if (counted.has(entry)) refuse(`entry ${entry} is in a census twice`, `第 ${entry} 项在普查中重复`);
      counted.set(entry, leaf.of);
    }
  }
  return counted;
}

async function checkSubject({ proven, manifests }, census, clip, of) {
  const manifest = clip && manifests.get(clip.clip);
  if (!manifest) return;
  const value = (name) => (manifest.openings[name] ? text(unhex(manifest.openings[name].value_hex)) : null);
  const officer = value("officer") === null ? null : folded(value("officer"));
  const began = Date.parse(value("started") ?? (await archived(proven, clip)).received);
  const day = new Date(began + census.utc_offset_minutes * 60_000).toISOString().slice(0, 10);
  if (!of || of.officer !== officer || of.day !== day) refuse(`it counts ${clip.clip} under another officer or day`, `将 ${clip.clip} 计入了另一警员或日期`);
}
