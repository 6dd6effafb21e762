// Steps 1 to 3: policy, bag (RFC 8493), checkpoint.  (As bag.py and checkpoint.py.)

import { Policy } from "./policy.js";
import { readCheckpoint, splitNote } from "./note.js";
import { compare, same, text, utf8 } from "./bytes.js";
import { Fault, done, impossible, waits } from "./verdict.js";

export const DATA = "data/";
const MUST = ["bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"];
const MAY = new Set([...MUST, "verify.html", "README.txt"]);
const ASKS_NOBODY = ["the policy demands no witnesses: nobody outside has to have seen this head", "策略不要求见证人：无须任何外部人员见过此检查点"];
const DECLARATION = utf8("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");

export const inOrder = (names) => [...names].sort((a, b) => compare(utf8(a), utf8(b)));

export async function readPolicy(about, step) {
  if (about.policyBytes === null) return waits("no policy was given: nobody's keys are trusted", "未提供策略文件：不信任任何密钥");
  await step.about("policy", () => {
    about.policy = new Policy(about.policyBytes);
    step.checked = about.policy.logs.length + about.policy.witnesses.size;
  });
  return done();
}

export async function checkBag(about, step) {
  const { files } = about;
  for (const [name, en, zh] of files.refused) step.found(name, `refused: ${en}`, `拒绝：${zh}`);
  for (const name of inOrder(files.names)) {
    await step.about(name, async () => {
      about.measured.set(name, await files.measure(name, about.stop));
      step.checked += 1;
    });
  }
  for (const name of MUST) if (!files.has(name)) step.found(name, "is missing", "缺少该文件");
  for (const name of files.names) if (!name.startsWith(DATA) && !MAY.has(name)) step.found(name, "has no place in a package", "不属于证据包");
  const payload = new Set(files.names.filter((name) => name.startsWith(DATA)));
  const tags = new Set(files.names.filter((name) => !name.startsWith(DATA) && name !== MUST[3]));
  await compareWith(about, step, MUST[2], payload);
  await compareWith(about, step, MUST[3], tags);
  await step.about(MUST[0], async () => {
    if (!same(await files.read(MUST[0]), DECLARATION)) step.found(MUST[0], "is not the declaration of a BagIt 1.0 folder", "不是 BagIt 1.0 声明");
  });
  await step.about(MUST[1], () => checkOxum(about, step, payload));
  return done();
}

async function compareWith(about, step, manifest, held) {
  await step.about(manifest, async () => {
    const told = await listed(about.files, manifest);
    for (const [name, digest] of told) {
      const measured = about.measured.get(name);
      if (!held.has(name)) step.found(name, `is missing; ${manifest} lists it`, `缺少；${manifest} 列有该文件`);
      else if (measured && measured.sha256 !== digest) step.found(name, `has SHA-256 ${measured.sha256}; ${manifest} says ${digest}`, `SHA-256 为 ${measured.sha256}；${manifest} 记为 ${digest}`);
    }
    for (const name of held) if (!told.has(name)) step.found(name, `is not listed in ${manifest}`, `${manifest} 未列出`);
  });
}

async function listed(files, manifest) {
  const written = text(await files.read(manifest));
  const told = new Map();
  for (const line of written.split("\n").slice(0, -1)) {
    const name = line.slice(66).replace(/%0D/g, "\r").replace(/%0A/g, "\n").replace(/%25/g, "%");
    told.set(name, line.slice(0, 64));
  }
  const encoded = (name) => name.replace(/%/g, "%25").replace(/\n/g, "%0A").replace(/\r/g, "%0D");
  const ours = inOrder(told.keys()).map((name) => `${told.get(name)}  ${encoded(name)}\n`).join("");
  if (ours !== written) throw new Fault(`${manifest} is not sorted, or not written as manifests are`, `${manifest} 未排序或格式不符`);
  return told;
}

async function checkOxum(about, step, payload) {
  const written = text(await about.files.read(MUST[1]));
  let size = 0;
  for (const name of payload) size += about.measured.get(name)?.size ?? 0;
  for (const line of written.split("\n")) {
    const found = `${size}.${payload.size}`;
    if (line.startsWith("Payload-Oxum: ") && line.slice(14) !== found) step.found(MUST[1], `says ${line}; there are ${found}`, `记为 ${line}；实际为 ${found}`);
  }
}

/** Who outside has seen the head, or that the reader's own policy asks for nobody. */
function whoSaw({ seen, asksNobody }) {
  const count = new Set(seen.map((each) => each.key)).size;
  if (!asksNobody) return done(`witnesses of the policy that saw it: ${count}`, `已见证的策略见证人：${count}`);
  const [en, zh] = ASKS_NOBODY;
  return count ? done(`${en}; of its witnesses ${count} did`, `${zh}；其见证人中有 ${count} 个已见证`) : done(en, zh);
}

export async function checkCheckpoint(about, step) {
  const path = `${about.log}checkpoint`;
  await step.about(path, async () => {
    about.note = await about.files.read(path, 1 << 20);
  });
  if (about.note === null) return impossible("there is no checkpoint to look at", "没有检查点");
  await step.about(path, () => {
    about.head = readCheckpoint(splitNote(about.note).text);
  });
  step.checked = 1;
  if (about.policy === null) return waits("no policy says whose signature to believe", "没有策略说明应信任谁的签名");
  let believed = null;
  await step.about(path, async () => {
    believed = await about.policy.believe(about.note);
  });
  about.seen = believed?.seen ?? [];
  about.unable = believed?.unable ?? [];
  about.isBelieved = believed !== null && !about.unable.length;
  if (about.unable.length) {
    const names = about.unable.map((key) => key.name).join(", ");
    return waits(`this page could not check the ML-DSA-44 cosignature of ${names}: evidock verify can`, `本页无法检查 ${names} 的 ML-DSA-44 联署：请用 evidock verify 检查`);
  }
  return believed === null ? done() : whoSaw(believed);
}
