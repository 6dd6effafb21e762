// Checks receipts with @sigstore/verify, which knows nothing of Evidock.
//
//   node verify.cjs receipt KEY RECEIPT ENTRY
//
// Exit 0: true.  Exit 1: not, and why on stderr.  NODE_PATH names the folder of its modules, of
// which two private ones are used; their version is pinned by whoever installs them.

const crypto = require("crypto");
const fs = require("fs");
const path = require("path");

const inside = path.dirname(require.resolve("@sigstore/verify"));
const { verifyCheckpoint } = require(path.join(inside, "tlog/checkpoint.js"));
const { verifyMerkleInclusion } = require(path.join(inside, "tlog/merkle.js"));

function trusted(text) {
  const [name, id, ...rest] = text.split("+");
  const raw = Buffer.from(rest.join("+"), "base64").subarray(1);
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]);
  return {
    logID: Buffer.from(id, "hex"),
    publicKey: crypto.createPublicKey({ key: der, format: "der", type: "spki" }),
    baseURL: name,
  };
}

const [, , command, key, receipt, entry] = process.argv;
try {
  if (command !== "receipt") throw new Error(`no such command: ${command}`);
  const text = fs.readFileSync(receipt, "utf-8");
  const at = text.indexOf("\n\n");
  const [header, index, ...hashes] = text.slice(0, at).split("\n");
  if (header !== "c2sp.org/tlog-proof@v1") throw new Error("no receipt");
  const proven = {
    canonicalizedBody: fs.readFileSync(entry),
    inclusionProof: {
      logIndex: index.replace("index ", ""),
      hashes: hashes.map((each) => Buffer.from(each, "base64")),
      checkpoint: { envelope: text.slice(at + 2) },
    },
  };
  const checkpoint = verifyCheckpoint(proven, [trusted(key)]);
  if (checkpoint.origin !== trusted(key).baseURL) throw new Error("another origin");
  verifyMerkleInclusion(proven, checkpoint);
} catch (error) {
  console.error(`no: ${error}`);
  process.exit(1);
}
