// Signed notes, checkpoints, cosignatures and receipts (C2SP).  One rule: keys come from the reader.
// (As evidence/note.py, cosignature.py and receipt.py.)

import { base64, hex, same, text, unbase64, utf8 } from "./bytes.js";
import { sha256 } from "./sha256.js";
import { Fault } from "./verdict.js";

export const LOG_KEY = 1;
export const WITNESS_ED25519 = 4;
export const WITNESS_ML_DSA = 6;
const MAX_SIGNATURES = 100, ML_DSA_SIZE = 2420, DASH = "— ", LATEST = 253402300799n;

export async function verifyEd25519(publicKey, signature, message) {
  if (signature.length !== 64) return false;
  const key = await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
}

/** Whether this browser can check Ed25519 signatures at all (RFC 8032, first test vector). */
export async function hasEd25519() {
  const read = (digits) => Uint8Array.from(digits.match(/../g), (pair) => parseInt(pair, 16));
  const key = read("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const signature = read(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155" +
    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  );
  try {
    return await verifyEd25519(key, signature, new Uint8Array(0));
  } catch {
    return false;
  }
}

const isKeyName = (name) => name !== "" && !/[+\s]/u.test(name);

function keyId(name, kind, key) {
  return sha256(utf8(`${name}\n`), Uint8Array.of(kind), key).subarray(0, 4);
}

/** The key written `name+hash+base64`; throws a plain Error that says what is wrong. */
export function readKey(written, kinds) {
  const [name, ...rest] = written.split("+");
  const raw = unbase64(rest.slice(1).join("+"));
  if (!raw?.length || !isKeyName(name)) throw new Error(`${written} is no verifier key (name+hash+base64)`);
  const [kind, key] = [raw[0], raw.subarray(1)];
  if (`${name}+${hex(keyId(name, kind, key))}+${base64(raw)}` !== written) throw new Error(`the hash in ${written} is not that of its key`);
  const size = kinds.get(kind);
  if (size === undefined || key.length !== size) throw new Error(`${written} is a key of another kind`);
  return { name, kind, key, id: keyId(name, kind, key), written };
}

export function splitNote(note) {
  const whole = text(note);
  const at = whole.lastIndexOf("\n\n");
  if (at < 0 || at + 2 >= whole.length || !whole.endsWith("\n") || /[\x00-\x09\x0b-\x1f]/.test(whole)) {
    throw new Fault("no signed note: it must be text, an empty line and signature lines", "不是签名文档：应为正文、空行和签名行");
  }
  const lines = whole.slice(at + 2, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) throw new Fault(`${lines.length} signatures are refused`, `拒绝 ${lines.length} 个签名`);
  return { text: whole.slice(0, at + 1), lines: lines.map(readLine) };
}

function readLine(line) {
  const [name, ...rest] = line.slice(DASH.length).split(" ");
  const raw = unbase64(rest.join(" "));
  if (!line.startsWith(DASH) || !isKeyName(name) || !raw || raw.length <= 4) throw new Fault(`no signature line: ${line}`, `不是签名行：${line}`);
  return { name, id: raw.subarray(0, 4), signature: raw.subarray(4) };
}

export function readNumber(written) {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(written) || !Number.isSafeInteger(Number(written))) throw new Fault(`${written} is no whole number`, `${written} 不是整数`);
  return Number(written);
}

export function readHash(written) {
  const raw = unbase64(written);
  if (raw?.length !== 32) throw new Fault(`${written} is no hash`, `${written} 不是哈希`);
  return raw;
}

export function readCheckpoint(written) {
  const parts = written.split("\n");
  if (parts.length !== 4 || !parts[0] || parts[3]) throw new Fault("a checkpoint is 3 lines: origin, size, root", "检查点应为三行：来源、大小、根");
  return { origin: parts[0], size: readNumber(parts[1]), root: readHash(parts[2]) };
}

/** Who of `keys` signed the note, and when; a false signature of one of them throws.
 *  No browser checks ML-DSA-44: such a word is `unable`, if it can be one at all. */
export async function signedBy(note, keys) {
  const { text: said, lines } = splitNote(note);
  const found = [];
  for (const line of lines) {
    for (const key of keys) {
      if (key.name !== line.name || !same(key.id, line.id)) continue;
      if (key.kind === WITNESS_ML_DSA) {
        if (cosigned(said, line).signature.length !== ML_DSA_SIZE) throw new Fault(`the cosignature of ${key.name} is none of ML-DSA-44`, `${key.name} 的联署不是 ML-DSA-44 联署`);
        found.push({ key, unable: true });
        continue;
      }
      const { message, signature, at } = key.kind === LOG_KEY ? { message: utf8(said), signature: line.signature } : cosigned(said, line);
      if (!(await verifyEd25519(key.key, signature, message))) throw new Fault(`the signature of ${key.name} does not fit the checkpoint`, `${key.name} 的签名与检查点不符`);
      found.push({ key, at });
    }
  }
  return { said, found };
}

function cosigned(said, line) {
  if (line.signature.length <= 8) throw new Fault(`the cosignature of ${line.name} is too short`, `${line.name} 的联署过短`);
  const seconds = new DataView(line.signature.slice(0, 8).buffer).getBigUint64(0);
  if (seconds > LATEST) throw new Fault(`the cosignature of ${line.name} names no time`, `${line.name} 的联署没有有效时间`);
  return { message: utf8(`cosignature/v1\ntime ${seconds}\n${said}`), signature: line.signature.subarray(8), at: new Date(Number(seconds) * 1000) };
}

/** One tlog-proof: index, path and the checkpoint it leads to; nothing in it is trusted yet. */
export function readReceipt(bytes) {
  const whole = text(bytes);
  const end = whole.indexOf("\n\n");
  const [header, index, ...path] = whole.slice(0, Math.max(end, 0)).split("\n");
  if (header !== "c2sp.org/tlog-proof@v1" || !index?.startsWith("index ")) throw new Fault("it is no receipt (C2SP tlog-proof)", "不是收据（C2SP tlog-proof）");
  return { index: readNumber(index.slice(6)), path: path.map(readHash), note: utf8(whole.slice(end + 2)) };
}

