// The reader's policy (C2SP tlog-policy): logs, witnesses, and how many of these.  (As policy.py.)

import { Fault } from "./verdict.js";
import { LOG_KEY, WITNESS_ED25519, WITNESS_ML_DSA, readCheckpoint, readKey, signedBy } from "./note.js";
import { hex } from "./bytes.js";

const MOST_LINES = 1000;
const LOGS = new Map([[LOG_KEY, 32]]);
const WITNESSES = new Map([[WITNESS_ED25519, 32], [WITNESS_ML_DSA, 1312]]);

export class Policy {
  logs = [];
  witnesses = new Map();
  groups = new Map();
  #members = new Set();
  #keys = new Set();
  quorum = null;

  constructor(bytes) {
    if (bytes.some((byte) => (byte < 0x20 && byte !== 9 && byte !== 10) || byte === 0x7f)) throw new Fault("a policy holds no control characters", "策略文件不得含控制字符");
    const lines = new TextDecoder().decode(bytes).split("\n");
    if (lines.length > MOST_LINES) throw new Fault(`a policy of ${lines.length} lines is refused`, `拒绝 ${lines.length} 行的策略文件`);
    lines.forEach((line, place) => {
      const words = line.split(/[ \t]+/).filter(Boolean);
      if (!words.length || words[0].startsWith("#")) return;
      try {
        this.#read(words);
      } catch (error) {
        throw new Fault(`policy, line ${place + 1}: ${error.message}`, `策略文件第 ${place + 1} 行：${error.message}`);
      }
    });
    if (this.quorum === null) throw new Fault("the policy has no quorum line", "策略文件没有 quorum 行");
    if (!this.logs.length) throw new Fault("the policy names no log, so no checkpoint can be believed", "策略文件没有列出日志，无法信任任何检查点");
  }

  #read([keyword, ...rest]) {
    if (keyword === "log" && (rest.length === 1 || rest.length === 2)) this.logs.push(this.#new(readKey(rest[0], LOGS), "log"));
    else if (keyword === "witness" && (rest.length === 2 || rest.length === 3)) {
      this.#mustBeNew(rest[0]);
      this.witnesses.set(rest[0], this.#new(readKey(rest[1], WITNESSES), "witness"));
    } else if (keyword === "group" && rest.length >= 3) this.#group(rest);
    else if (keyword === "quorum" && rest.length === 1) {
      if (this.quorum !== null) throw new Error("there is a quorum line already");
      if (rest[0] !== "none") this.#mustBeKnown(rest[0]);
      [this.quorum] = rest;
    } else throw new Error(`${keyword} is no line of a policy`);
  }

  #new(key, kind) {
    const mark = `${kind} ${hex(key.key)}`;
    if (this.#keys.has(mark)) throw new Error(`the key of ${key.name} stands here twice`);
    this.#keys.add(mark);
    return key;
  }

  #group([name, needed, ...members]) {
    this.#mustBeNew(name);
    for (const member of members) {
      this.#mustBeKnown(member);
      if (this.#members.has(member)) throw new Error(`${member} is in a group already`);
      this.#members.add(member);
    }
    const count = { any: 1, all: members.length }[needed] ?? (/^[1-9][0-9]*$/.test(needed) ? Number(needed) : 0);
    if (count < 1 || count > members.length) throw new Error(`${needed} is none of all, any and 1 to ${members.length}`);
    this.groups.set(name, { needed: count, members });
  }

  #mustBeNew(name) {
    if (name === "none" || this.witnesses.has(name) || this.groups.has(name)) throw new Error(`the name ${name} is taken`);
  }

  #mustBeKnown(name) {
    if (!this.witnesses.has(name) && !this.groups.has(name)) throw new Error(`no line above says what ${name} is`);
  }

  /** Throws unless a log of the policy signed the note and the quorum saw it; else who saw it.
   *  `unable` are those whose word stands there in a kind that no browser can check.  It may be
   *  false, which makes the whole false: so it counts for nothing, and is never passed over. */
  async believe(note) {
    const { said, found } = await signedBy(note, this.logs);
    if (!found.length) throw new Fault("it carries no signature of a log that the policy trusts", "没有策略所信任的日志的签名");
    const head = readCheckpoint(said);
    if (!found.some(({ key }) => key.name === head.origin)) throw new Fault(`the log ${head.origin} did not sign it`, `日志 ${head.origin} 没有签名`);
    const seen = (await signedBy(note, [...this.witnesses.values()])).found;
    const lacking = this.#lacking(this.quorum, new Set(seen.map((each) => each.key)));
    if (lacking !== null) throw new Fault(`it has not been seen by enough witnesses: ${lacking}`, `见证人不足：${lacking}`);
    const unable = [...new Set(seen.filter((each) => each.unable).map((each) => each.key))];
    return { head, seen: seen.filter((each) => !each.unable), unable, asksNobody: this.quorum === "none" };
  }

  /** The newest time that a quorum of those who `told` one have reached, in milliseconds; null if
   *  none have.  Of a quorum of N the Nth newest is it. */
  reached(told) {
    const newest = new Map();
    for (const { key, at } of told) newest.set(key, Math.max(Number(at), newest.get(key) ?? -Infinity));
    const reached = new Set();
    for (const [key, at] of [...newest].filter(([, at]) => Number.isFinite(at)).sort(([, one], [, other]) => other - one)) {
      reached.add(key);
      if (this.#lacking(this.quorum, reached) === null) return at;
    }
    return null;
  }

  #lacking(name, cosigned) {
    if (name === "none") return null;
    if (this.witnesses.has(name)) return cosigned.has(this.witnesses.get(name)) ? null : name;
    const { needed, members } = this.groups.get(name);
    const lacking = members.map((member) => this.#lacking(member, cosigned)).filter((why) => why !== null);
    const have = members.length - lacking.length;
    return have >= needed ? null : `${name} ${have}/${needed} (${lacking.join("; ")})`;
  }
}
