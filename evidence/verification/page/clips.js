// Steps 7, 8 and 11: manifests and openings, originals, time stamps.
// (As clips.py and timestamps.py.)

import { canonicalValue, hex, unhex, utf8 } from "./bytes.js";
import { sha256 } from "./sha256.js";
import { Fault, absent, done, impossible, waits } from "./verdict.js";
import { DATA } from "./bag.js";
import { Beside } from "./beside.js";
import { OPENINGS, READ, must } from "./shapes.js";

const NOTHING = impossible("without a statement nothing says which clips are meant", "没有声明，无法确定涉及哪些片段");

export const refuse = (en, zh) => {
  throw new Fault(en, zh);
};

export async function archived(proven, clip) {
  const said = await proven.fields(clip.entry);
  if (said.kind !== "archive.verified" || said.clip !== clip.clip) refuse(`entry ${clip.entry} is no archive.verified entry of ${clip.clip}`, `第 ${clip.entry} 项不是 ${clip.clip} 的归档条目`);
  return said;
}

export async function eachClip(about, step, work) {
  if (!about.statement) return NOTHING;
  for (const clip of about.statement.clips) await step.about(clip.clip, () => work(clip));
  return done();
}

export async function checkOpenings(about, step) {
  const beside = new Beside(about);
  const ending = await eachClip(about, step, async (clip) => {
    if (clip.manifest === null) {
      if (clip.without !== "disposed") refuse("its manifest was left out", "省略了清单");
      return;
    }
    step.checked += 1;
    about.manifests.set(clip.clip, await readManifest(about, clip, beside));
  });
  for (const [name, wanted] of Object.entries(about.statement?.openings ?? {})) {
    step.checked += 1;
    await step.about(`openings/${name}.json`, () => opened(about, Number(name), wanted));
  }
  for (const digest of about.exportRecords ?? []) {
    step.checked += 1;
    await step.about(`exports/${digest}.json`, () => mustBe(about, `exports/${digest}.json`, digest, null));
  }
  return beside.ending(ending);
}

/** What opens an entry beside manifests; what lies beside the openings there is no fact. */
export async function opened({ files, proven }, index, wanted) {
  const bytes = await files.read(`${DATA}openings/${index}.json`);
  const digest = hex(sha256(bytes));
  if (digest !== wanted) refuse(`it has SHA-256 ${digest}; the statement says ${wanted}`, `其 SHA-256 为 ${digest}；声明记为 ${wanted}`);
  const held = must(OPENINGS, canonicalValue(bytes), "the file", "该文件");
  const { commitments = {} } = await proven.fields(index);
  if (held.entry !== index) refuse(`it opens another entry than ${index}`, `打开的不是第 ${index} 项`);
  for (const [name, opening] of Object.entries(held.openings)) {
    const found = hex(sha256(unhex(opening.salt, 32), unhex(opening.value_hex)));
    if (!Object.hasOwn(commitments, name) || found !== commitments[name]) refuse(`the opening of ${name} does not match its commitment`, `${name} 的打开值与承诺不符`);
  }
  return held.openings;
}

async function readManifest({ files, proven }, clip, beside) {
  const said = await archived(proven, clip);
  const bytes = await files.read(DATA + clip.manifest);
  const found = hex(sha256(bytes));
  if (found !== said.manifest.sha256) refuse(`${clip.manifest} has SHA-256 ${found}; the log says ${said.manifest.sha256}`, `${clip.manifest} 的 SHA-256 为 ${found}；日志记为 ${said.manifest.sha256}`);
  const manifest = canonicalValue(bytes);
  if (manifest.format !== "evidock-manifest/v1" || manifest.clip !== clip.clip || manifest.sha256 !== said.digests.sha256 || manifest.size !== said.size) refuse(`${clip.manifest} is of another clip`, `${clip.manifest} 属于另一片段`);
  const names = Object.keys(manifest.openings).sort();
  if (String(names) !== String(Object.keys(said.commitments).sort())) refuse(`${clip.manifest} does not open just what its entry commits to`, `${clip.manifest} 未恰好打开其条目的承诺`);
  for (const index of clip.entries) await checkCommitments(proven, index, manifest);
  beside.seeManifest(clip.manifest, bytes, said.manifest);
  return manifest;
}

/** Those of the archive's entry, and what the station itself committed to before. */
async function checkCommitments(proven, index, manifest) {
  let fields = await proven.fields(index);
  if (fields.kind === "station.act") fields = JSON.parse(fields.act);
  else if (fields.kind !== "archive.verified") return;
  for (const [name, committed] of Object.entries(fields.commitments ?? {})) {
    const opening = manifest.openings[name];
    if (!opening) continue;
    const found = hex(sha256(unhex(opening.salt, 32), unhex(opening.value_hex)));
    if (found !== committed) refuse(`entry ${index}: the opening of ${name} does not match its commitment`, `第 ${index} 项：${name} 的打开值与承诺不符`);
  }
}

export function mustBe({ measured }, path, sha256Wanted, size) {
  const found = measured.get(DATA + path);
  if (!found) refuse(`${path} is missing, or could not be read`, `${path} 缺失或无法读取`);
  if (found.sha256 !== sha256Wanted) refuse(`${path} has SHA-256 ${found.sha256}; the log says ${sha256Wanted}`, `${path} 的 SHA-256 为 ${found.sha256}；日志记为 ${sha256Wanted}`);
  if (size !== null && found.size !== size) refuse(`${path} has ${found.size} bytes; the log says ${size}`, `${path} 有 ${found.size} 字节；日志记为 ${size}`);
}

/** The archive took in what the station signed that it had read; the digests that an entry tells
 *  beside `archive.verified`, if any. */
async function checkAsRead(proven, index, said) {
  const fields = await proven.fields(index);
  if (fields.kind === "clip.digest") return fields.digests;
  if (fields.kind !== "station.act") return null;
  const { kind, sha256: digest, sm3, size } = must(READ, canonicalValue(utf8(fields.act)), "the act", "操作");
  if (kind !== "clip.pulled" && kind !== "clip.verified") return null;
  if ((digest ?? said.digests.sha256) !== said.digests.sha256) refuse(`its station signed SHA-256 ${digest} in entry ${index}; the archive took in ${said.digests.sha256}`, `工作站在第 ${index} 项签名的 SHA-256 为 ${digest}；档案收入的为 ${said.digests.sha256}`);
  if ((size ?? said.size) !== said.size) refuse(`its station signed ${size} bytes in entry ${index}; the archive took in ${said.size}`, `工作站在第 ${index} 项签名的大小为 ${size} 字节；档案收入 ${said.size} 字节`);
  return sm3 ? { sm3 } : null;
}

export async function checkOriginals(about, step) {
  const beside = new Beside(about);
  return beside.ending(await eachClip(about, step, (clip) => checkOriginal(about, step, clip, beside)));
}

async function checkOriginal(about, step, clip, beside) {
  const said = await archived(about.proven, clip);
  const others = [];
  for (const index of clip.entries) others.push([index, await checkAsRead(about.proven, index, said)]);
  if (clip.original === null) return;
  step.checked += 1;
  mustBe(about, clip.original, said.digests.sha256, said.size);
  await beside.seeOriginal(clip, said.digests, others.filter(([, told]) => told !== null));
  about.playable.set(`${clip.clip} ${clip.original}`, { path: clip.original, sha256: said.digests.sha256, clip: clip.clip, size: said.size });
}

export async function checkTime(about, step) {
  const tokens = about.files.names.filter((name) => name.startsWith(`${DATA}timestamps/`));
  if (!tokens.length) return absent("the package holds no time stamps", "本包不含时间戳");
  step.checked = tokens.length;
  return waits("a browser cannot check time stamps: use evidock verify --tsa-ca, or openssl ts", "浏览器无法检查时间戳：请用 evidock verify --tsa-ca 或 openssl ts");
}
