// Steps 5 and 6: the statement, and the acts of stations.  (As statement.py and acts.py.)

import { canonicalValue, hex, unhex, utf8 } from "./bytes.js";
import { sha256 } from "./sha256.js";
import { HEAD, STATEMENT, must } from "./shapes.js";
import { verifyEd25519 } from "./note.js";
import { allTiles, tilePath } from "./tiles.js";
import { Cancelled, Fault, done, impossible } from "./verdict.js";
import { DATA, inOrder } from "./bag.js";
import { checkMoment } from "./reach.js";

const NAME = "statement.json";
const OPTIONAL = ["timeline.pdf", "case.jsonld"];

const refuse = (en, zh) => {
  throw new Fault(en, zh);
};

export async function checkStatement(about, step) {
  const { proven } = about;
  if (proven === null) return impossible("without entries nothing says which statement was made", "没有条目，无法确定声明");
  await step.about(NAME, async () => {
    const bytes = await about.files.read(DATA + NAME);
    const statement = must(STATEMENT, canonicalValue(bytes), "the statement", "声明");
    const digest = hex(sha256(bytes));
    for (const index of proven.ofKind("export")) {
      const said = await proven.fields(index);
      if (said.statement?.sha256 === digest && index >= statement.size) about.exported ??= index;
    }
    if (about.exported === null) refuse(`no export entry names it (SHA-256 ${digest}): it was altered, or this is not the package that was taken out`, `没有导出条目记载它（SHA-256 ${digest}）：它被更改，或这不是当时导出的包`);
    about.statement = { openings: {}, exports: [], law: [], documents: [], dossiers: [], ...statement };
    about.exportRecords = await recordsOf(about);
  });
  if (about.statement === null) return done();
  await step.about(NAME, () => checkHead(about, step));
  await step.about(NAME, () => checkMoment(about));
  for (const name of OPTIONAL) {
    if (about.files.has(DATA + name) === about.statement.left_out.includes(name)) step.found(name, "is missing, or is there and said to be left out", "缺少，或虽声明省略却存在");
  }
  await step.about(NAME, () => {
    const listed = new Set([...listedFiles(about)].map((name) => DATA + name));
    for (const name of inOrder(about.files.names)) {
      const isToken = /^data\/timestamps\/[^/]+\.tsr$/.test(name);
      if (name.startsWith(DATA) && !isToken && !listed.has(name)) step.found(name, "is there, and neither the statement nor the log lists it", "存在，但声明和日志均未列出");
    }
  });
  for (const clip of about.statement.clips) {
    step.checked += 1;
    await step.about(clip.clip, () => checkClip(clip, proven));
  }
  await checkFiles(about, step, "document.add", about.statement.documents, (sha256) => `documents/${sha256}`);
  await checkFiles(about, step, "dossier.made", about.statement.dossiers, (sha256) => `dossiers/${sha256}.json`);
  return done();
}

/** Digests of what opens exports: those that are listed, and that of this one in a whole package. */
async function recordsOf({ statement, proven, exported }) {
  if (statement.selection.kind !== "all") return [];
  const { record } = await proven.fields(exported);
  return record ? [...statement.exports, record.sha256] : statement.exports;
}

function checkHead({ statement, head, proven, isWhole, exported }, step) {
  if (statement.origin !== head.origin) step.found(NAME, `is of the log ${statement.origin}, the checkpoint of ${head.origin}`, `属于日志 ${statement.origin}，检查点属于 ${head.origin}`);
  if (statement.size > head.size) step.found(NAME, `${statement.size} entries are more than the log has`, `${statement.size} 项多于日志`);
  if (isWhole !== (statement.selection.kind === "all")) step.found(NAME, "a selection holds entries, a whole package the log; this differs", "选集应含条目，完整包应含日志；此处不符");
  const wanted = isWhole ? [] : proven.known.filter((index) => index !== exported);
  if (String(statement.entries) !== String(wanted)) step.found(NAME, "its entries are not those that are proven", "其条目与已证明的不符");
  const opened = Object.keys(statement.openings);
  const filed = new Set([...statement.documents, ...statement.dossiers].map(({ entry }) => entry));
  const numbered = opened.every((name) => /^(0|[1-9][0-9]{0,14})$/.test(name) && Number(name) < statement.size);
  const strange = opened.some((name) => !filed.has(Number(name)));
  const beyond = [...filed].some((index) => index >= statement.size);
  if (!numbered || beyond || (!isWhole && (strange || statement.exports.length))) step.found(NAME, "opens entries that it may not: it is of no whole package, or too far", "打开了不该打开的条目：不是完整包，或超出范围");
  if (filed.size && !["all", "case"].includes(statement.selection.kind)) step.found(NAME, "lists documents or dossiers, and is of no case", "列出文件或卷宗，却不属于案件");
  if (new Set(statement.clips.map((clip) => clip.clip)).size !== statement.clips.length) step.found(NAME, "lists a clip twice", "重复列出片段");
}

function* listedFiles({ statement, isWhole, head, exported, exportRecords }) {
  yield* [NAME, "log/checkpoint", ...OPTIONAL];
  if (isWhole) for (const tile of allTiles(head.size)) yield `log/${tilePath(tile)}`;
  for (const index of statement.completeness) yield `completeness/${index}.json`;
  for (const index of Object.keys(statement.openings)) yield `openings/${index}.json`;
  for (const digest of exportRecords) yield `exports/${digest}.json`;
  for (const digest of statement.law) yield `law/${digest}.toml`;
  for (const { file } of [...statement.documents, ...statement.dossiers]) if (file !== null) yield file;
  for (const index of isWhole ? [] : [...statement.entries, exported]) yield* [`entries/${index}.json`, `entries/${index}.tlog-proof`];
  for (const clip of statement.clips) {
    yield* [clip.original, clip.manifest].filter((path) => path !== null);
    for (const rendition of clip.renditions) yield* Object.values(rendition.objects);
  }
}

/** Documents or versions are listed once each, in order, where such files lie. */
async function checkFiles({ proven }, step, kind, listed, path) {
  const rising = listed.every(({ entry }, place) => !place || listed[place - 1].entry < entry);
  if (!rising) step.found(NAME, `does not list its ${kind} entries in order, each once`, `未按顺序、不重复地列出 ${kind} 条目`);
  for (const { entry, file, without } of listed) {
    step.checked += 1;
    await step.about(`entry ${entry}`, async () => {
      const said = await proven.fields(entry);
      if (said.kind !== kind) refuse(`is no ${kind} entry`, `不是 ${kind} 条目`);
      if ((file === null) === (without === null)) refuse("it has both a file and a reason why not, or neither", "既有文件又有缺失原因，或两者皆无");
      if (file !== null && file !== path(said.sha256)) refuse(`${file} is not where what it names lies`, `${file} 不是其应在的位置`);
    });
  }
}

async function checkClip(clip, proven) {
  const rising = clip.entries.every((index, place) => !place || clip.entries[place - 1] < index);
  if (!rising || !clip.entries.includes(clip.entry)) refuse("its entries are not in order, or its own is not among them", "其条目未按顺序，或缺少自身条目");
  const known = new Set(proven.clips.get(clip.clip) ?? []);
  if (!clip.entries.every((index) => known.has(index))) refuse("some of its entries are not proven to be in the log and about it", "部分条目未证明在日志中且与其有关");
  const said = await proven.fields(clip.entry);
  if (said.kind !== "archive.verified") refuse(`entry ${clip.entry} does not say that it was archived`, `第 ${clip.entry} 项未说明其已归档`);
  if (![null, `manifests/${clip.clip}.json`].includes(clip.manifest)) refuse(`${clip.manifest} is not where its manifest lies`, `${clip.manifest} 不是清单的位置`);
  const stem = `originals/${said.digests.sha256}`;
  const ending = clip.original?.slice(stem.length) ?? "";
  if (clip.original !== null && (!clip.original.startsWith(stem) || !/^(\.[^/]*)?$/.test(ending))) refuse(`${clip.original} is not where its original lies`, `${clip.original} 不是原件的位置`);
  if ((clip.original === null) === (clip.without === null)) refuse("it has both an original and a reason why not, or neither", "既有原件又有缺失原因，或两者皆无");
  for (const rendition of clip.renditions) {
    for (const [name, path] of Object.entries(rendition.objects)) {
      if (path !== `renditions/${clip.clip}/${rendition.entry}/${name}`) refuse(`${path} is not where ${name} lies`, `${path} 不是 ${name} 的位置`);
    }
  }
}

export async function checkActs(about, step) {
  const { proven } = about;
  if (proven === null) return impossible("without entries there are no acts to look at", "没有条目可供检查");
  const keys = new Map();
  for (const index of proven.ofKind("station.enrol")) {
    await step.about(`entry ${index}`, async () => {
      const { by, public_key: key } = await proven.fields(index);
      if (keys.has(by)) refuse(`station ${by} is enrolled a second time`, `工作站 ${by} 重复登记`);
      keys.set(by, { index, key: unhex(key, 32) });
    });
  }
  const last = new Map();
  for (const index of proven.ofKind("station.act")) {
    if (about.stop.aborted) throw new Cancelled();
    step.checked += 1;
    await step.about(`entry ${index}`, async () => {
      const act = await proven.fields(index);
      const before = last.get(act.by) ?? 0;
      last.set(act.by, Math.max(before, act.n));
      await checkAct(act, keys);
      if (act.n <= before) refuse(`act ${act.n} of station ${act.by} comes after its act ${before}`, `工作站 ${act.by} 的第 ${act.n} 项操作排在第 ${before} 项之后`);
      if (about.isWhole && act.n !== before + 1) refuse(`before act ${act.n} of station ${act.by} an act is missing`, `工作站 ${act.by} 第 ${act.n} 项操作之前有缺失`);
    });
  }
  if (about.statement) checkStations(about, keys, last, step);
  return done();
}

async function checkAct(act, keys) {
  const enrolled = keys.get(act.by);
  if (!enrolled) refuse(`no station.enrol entry names the key of station ${act.by}`, `没有登记条目记载工作站 ${act.by} 的密钥`);
  const message = utf8(`evidock-station-act/v1\n${act.by}\n${act.n}\n${act.act}`);
  if (!Number.isInteger(act.n) || act.n < 1 || !(await verifyEd25519(enrolled.key, unhex(act.signature, 64), message))) refuse(`act ${act.n} is not signed by station ${act.by}`, `第 ${act.n} 项操作未由工作站 ${act.by} 签名`);
  const inner = must(HEAD, canonicalValue(utf8(act.act)), `act ${act.n}`, `第 ${act.n} 项操作`);
  if ((inner.clip ?? null) !== (act.clip ?? null)) refuse(`act ${act.n} is about another clip than its entry`, `第 ${act.n} 项操作与其条目涉及不同片段`);
}

function checkStations({ statement, isWhole }, keys, acted, step) {
  const wanted = new Map();
  for (const [name, { index }] of keys) if (index < statement.size && (isWhole || acted.has(name))) wanted.set(name, index);
  for (const name of new Set([...wanted.keys(), ...Object.keys(statement.stations)])) {
    if (wanted.get(name) !== statement.stations[name]) step.found(`station ${name}`, "statement and log differ in where it was enrolled", "声明与日志对其登记位置的记载不同");
  }
}
