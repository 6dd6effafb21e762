// C2SP in the browser: signed notes, checkpoints and tlog-proofs, checked with Web Crypto.
// Rule: what is not written exactly as C2SP says is false; the product's own Python checks agree.

import { base64, hex, leafHash, nodeHash, same, sha256, utf8 } from "./hashing.js";

const ED25519 = 1;
const DASH = "— ";
const HEADER = "c2sp.org/tlog-proof@v1";

/** A proof that does not hold; *message* says which step. */
export class FalseProof extends Error {}

/** This browser has no Ed25519. */
export class NoSignatures extends Error {}

function must(holds, what) {
  if (!holds) throw new FalseProof(what);
}

/** A verifier key as C2SP writes it: name+hash+base64. */
export class LogKey {
  static async parse(text) {
    const [name, id, ...rest] = text.split("+");
    const raw = decoded(rest.join("+"));
    must(name && raw?.length === 33 && raw[0] === ED25519, "the log key is no Ed25519 key");
    const found = new LogKey();
    found.name = name;
    found.text = text;
    found.id = (await sha256(utf8(`${name}\n`), raw)).slice(0, 4);
    must(hex(found.id) === id, "the log key does not fit its own hash");
    try {
      found.key = await crypto.subtle.importKey("raw", raw.slice(1), "Ed25519", false, ["verify"]);
    } catch {
      throw new NoSignatures();
    }
    return found;
  }

  /** Size and root of the checkpoint in *note*, which this key must have signed. */
  async open(note) {
    const cut = note.lastIndexOf("\n\n");
    must(cut > 0 && note.endsWith("\n"), "the checkpoint is no signed note");
    const text = note.slice(0, cut + 1);
    let signed = false;
    for (const line of note.slice(cut + 2, -1).split("\n")) {
      const [name, encoded, ...more] = line.slice(DASH.length).split(" ");
      const raw = decoded(encoded ?? "");
      must(line.startsWith(DASH) && raw?.length > 4 && !more.length, "a signature line is none");
      if (name !== this.name || !same(raw.slice(0, 4), this.id)) continue;
      const good = await crypto.subtle.verify("Ed25519", this.key, raw.slice(4), utf8(text));
      must(good, "the checkpoint's signature is false");
      signed = true;
    }
    must(signed, "the checkpoint is not signed by the log key");
    const [origin, size, root, ...end] = text.split("\n");
    must(origin === this.name && end.length === 1 && end[0] === "", "the checkpoint is malformed");
    return { size: number(size), root: hash(root) };
  }
}

/** Index and checkpoint size if *receipt* proves *entry*, the exact leaf; else FalseProof. */
export async function verifyReceipt(receipt, entry, key) {
  const cut = receipt.indexOf("\n\n");
  const [header, line, ...path] = receipt.slice(0, Math.max(cut, 0)).split("\n");
  must(header === HEADER && line?.startsWith("index "), "the receipt is malformed");
  const index = number(line.slice("index ".length));
  const { size, root } = await key.open(receipt.slice(cut + 2));
  const reached = await climbed(await leafHash(utf8(entry)), index, size, path.map(hash));
  must(same(reached, root), "the receipt does not lead to the checkpoint's root");
  return { index, size };
}

/** The root that *path* leads to from leaf *index* of *size* (RFC 9162, 2.1.3.2). */
async function climbed(leaf, index, size, path) {
  must(index < size, "the log is shorter than the receipt says");
  let [reached, at, last] = [leaf, index, size - 1];
  for (const sibling of path) {
    must(last > 0, "the receipt's path is too long");
    if (at % 2 || at === last) {
      reached = await nodeHash(sibling, reached);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      reached = await nodeHash(reached, sibling);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  must(last === 0, "the receipt's path is too short");
  return reached;
}

function number(text) {
  const value = Number(text);
  must(/^(0|[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(value), `no whole number: ${text}`);
  return value;
}

function hash(text) {
  const raw = decoded(text);
  must(raw?.length === 32, `no hash: ${text}`);
  return raw;
}

function decoded(text) {
  try {
    return base64(text);
  } catch {
    return null;
  }
}
