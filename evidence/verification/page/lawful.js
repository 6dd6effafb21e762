// Whether what became of a clip's time was lawful, by the entries themselves; the numbers are those
// of docs/retention.md.  One rule: what a tombstone says of the rule it went by is taken as said
// here, since the page reads no law pack; everything else is held against the entries before it.
// (As evidence/lawfulness.py and trails.py.)

import { moment } from "./reach.js";

const DAY = 86_400_000, LEAST = 7 * DAY, AHEAD = 15 * 60_000, ALWAYS = 10, MOST = 50;
export const BESIDE = ["law.publish", "case.close", "case.reopen", "proposal.make", "proposal.approve", "proposal.withdraw"];
export const MATTERS = new Set(["dispose.begin", "dispose.done", "retain"]);

/** Entries that say how a clip is kept and locked, what it is and who holds it. */
const KEPT = new Set(["archive.verified", "archive.moved", "copy.verified", "fixity.repair", "lease.renew", "clip.classify", "hold.set", "hold.lift"]);
const iso = (at) => (Number.isFinite(at) ? new Date(at).toISOString() : "…");
const add = (map, name, value) => map.set(name, [...(map.get(name) ?? []), value]);

/** Entries about no clip, heard in order; gives what a clip's own entries rely on. */
export class Trails {
  #laws = [];
  #closings = new Map();
  #reopened = new Map();
  #proposals = new Map();
  #made = new Map();

  hear(index, fields) {
    const entry = [index, fields, false];
    if (fields.kind === "law.publish") this.#laws.push(entry);
    else if (fields.kind === "case.close") this.#closings.set(index, entry);
    else if (fields.kind === "case.reopen") add(this.#reopened, fields.closing, entry);
    else if (typeof fields.clip !== "string") {
      add(this.#proposals, fields.proposal, entry);
      if (fields.kind === "proposal.make") this.#made.set(index, fields.proposal);
    }
  }

  /** SHA-256 of each pack that was published -> by which entry. */
  packs() {
    const named = new Map();
    for (const [index, { law, rule_sets: sets }] of this.#laws) for (const each of [law, ...(sets ?? [])]) named.set(each.digests.sha256, index);
    return named;
  }

  /** `entries`, which are all about one clip, with those that they rely on, in order. */
  of(entries) {
    const beside = new Map();
    for (const [, fields] of entries) for (const entry of this.#named(fields)) beside.set(entry[0], entry);
    return [...entries.map(([index, fields]) => [index, fields, true]), ...beside.values()].sort((a, b) => a[0] - b[0]);
  }

  #named(fields) {
    if (fields.kind === "retain") return this.#proposals.get(this.#made.get(fields.proposal)) ?? [];
    if (fields.kind !== "dispose.begin") return [];
    const closed = (fields.cases ?? []).map((each) => this.#closings.get(each.closed)).filter(Boolean);
    return [...this.#laws, ...closed, ...(fields.cases ?? []).flatMap((each) => this.#reopened.get(each.case) ?? [])];
  }
}

/** What was not lawful in the entries of `trail`, in both languages; `latest` is the newest time
 *  that the reader trusts. */
export function* problems(trail, latest) {
  const past = {
    now: -Infinity, until: null, locked: -Infinity, firstWord: null, holds: new Map(), notices: [], made: new Map(),
    approved: new Map(), withdrawn: new Set(), begun: new Map(), law: null, closings: new Map(), reopened: new Set(),
  };
  for (const [index, fields, isAbout] of trail) {
    if (fields.kind === "station.act") continue;
    past.now = Math.max(past.now, moment(fields.at));
    if (isAbout) yield* hear(past, index, fields, latest);
    else hearBeside(past, index, fields);
  }
}

function hearBeside(past, index, fields) {
  if (fields.kind === "law.publish") past.law = index;
  else if (fields.kind === "case.close") past.closings.set(index, fields.closing);
  else if (fields.kind === "case.reopen") past.reopened.add(fields.closing);
  else consent(past, index, fields);
}

function* hear(past, index, fields, latest) {
  if (fields.kind === "retain") yield* retained(past, index, fields);
  else if (fields.kind === "dispose.begin") {
    for (const [en, zh] of began(past, fields, latest)) yield [`entry ${index}: ${en}`, `第 ${index} 项：${zh}`];
    past.begun.set(index, fields);
  } else if (fields.kind === "dispose.done") yield* ended(past, index, fields);
  else if (fields.kind === "dispose.notice") past.notices.push([past.now, fields.until]);
  else if (KEPT.has(fields.kind)) kept(past, index, fields);
  else consent(past, index, fields);
}

function consent({ made, approved, withdrawn, now }, index, fields) {
  const { kind, proposal } = fields;
  if (kind === "proposal.make" && !made.has(proposal)) made.set(proposal, { index, ...fields });
  if (kind === "proposal.approve" && !approved.has(proposal)) approved.set(proposal, { index, when: now, ...fields });
  if (kind === "proposal.withdraw") withdrawn.add(proposal);
}

function kept(past, index, fields) {
  if (fields.kind === "archive.verified") past.until = fields.retain_until;
  else if (fields.kind === "clip.classify") past.firstWord ??= index;
  else if (fields.kind === "hold.set") past.holds.set(fields.hold, index);
  else if (fields.kind === "hold.lift") past.holds.delete(fields.hold);
  if (typeof fields.lock_until === "string") past.locked = Math.max(past.locked, moment(fields.lock_until));
}

function* retained(past, index, { retain_until: until, classified, proposal }) {
  const before = past.until;
  past.until = until ?? null;
  past.notices.length = 0; // a notice counts for no later decision
  if (!until || !before || moment(until) >= moment(before)) return;
  const [en, zh] = [`entry ${index} shortens what was promised until ${before.slice(0, 10)} to ${until.slice(0, 10)}`, `第 ${index} 项将承诺的 ${before.slice(0, 10)} 缩短为 ${until.slice(0, 10)}`];
  if (Number.isInteger(proposal)) {
    for (const [whyEn, whyZh] of shortened(past, proposal)) yield [`${en}: ${whyEn}`, `${zh}：${whyZh}`];
  } else if (past.firstWord === null || classified !== past.firstWord) yield [`${en}, and no proposal that two persons agreed to`, `${zh}，且无两人同意的提议`];
}

function* shortened({ made, approved, withdrawn, now }, proposal) {
  const [found] = [...made.values()].filter((each) => each.index === proposal);
  if (found?.act !== "shorten") {
    yield [`entry ${proposal} proposes nothing of the kind`, `第 ${proposal} 项未作此提议`];
    return;
  }
  const said = approved.get(found.proposal);
  if (!said || said.by === found.by) yield ["no other person approved it", "没有另一人批准"];
  else if (withdrawn.has(found.proposal)) yield ["it was withdrawn", "已撤回"];
  else if (now < Math.max(moment(said.not_before), said.when + LEAST)) yield [`it was to wait until ${said.not_before}`, `应等待至 ${said.not_before}`];
}

function* ended(past, index, { began: from, proposal, clip }) {
  const [entry, begun] = [`entry ${index}`, past.begun.get(from)];
  if (!begun) yield [`${entry} says that it was destroyed, and no dispose.begin entry came before`, `第 ${index} 项称已销毁，此前却无处置开始条目`];
  else if (begun.proposal !== proposal || begun.clip !== clip) yield [`${entry} is of another proposal than entry ${from}, by which it began`, `第 ${index} 项与开始处置的第 ${from} 项提议不同`];
  else {
    for (const [hold, since] of past.holds) if (since > from) yield [`${entry}: hold ${hold} of entry ${since} was set before it was destroyed`, `第 ${index} 项：销毁前已设保全 ${hold}（第 ${since} 项）`];
    if (past.withdrawn.has(proposal)) yield [`${entry}: it was withdrawn before it was destroyed`, `第 ${index} 项：销毁前已撤回`];
  }
}

function* began(past, begun, latest) {
  yield* untrue(past, begun);
  const [host, outside] = [moment(begun.host), moment(begun.outside.at)];
  for (const [step, en, zh] of rules(past, begun, Math.min(host, outside))) yield [`rule ${step}: ${en}`, `规则 ${step}：${zh}`];
  const { at, name } = begun.outside;
  if (outside > latest + AHEAD) yield [`it says that ${name} told ${at}; nobody trusted has seen that time`, `称 ${name} 报时 ${at}，而受信任者均未见证该时间`];
}

/** Where it says something else than the entries before it. */
function* untrue(past, begun) {
  const [made, approved] = [past.made.get(begun.proposal), past.approved.get(begun.proposal)];
  if (made?.index !== begun.proposed) yield [`entry ${begun.proposed} does not propose it`, `第 ${begun.proposed} 项未提议`];
  else if (made.act !== begun.act || made.clip !== begun.clip) yield [`entry ${begun.proposed} proposes something else`, `第 ${begun.proposed} 项提议的是其他事项`];
  if (approved?.index !== begun.approved) yield [`entry ${begun.approved} does not approve it`, `第 ${begun.approved} 项未批准`];
  else if (made && approved.index < made.index) yield ["it was approved before it was proposed", "批准早于提议"];
  if (past.law !== begun.law) yield [`entry ${begun.law} is not the law that was in force`, `第 ${begun.law} 项不是当时有效的规则`];
  if (begun.promised !== past.until) yield [`it says that ${begun.promised} was promised, and entries say ${past.until}`, `称承诺至 ${begun.promised}，条目记为 ${past.until}`];
  if (moment(begun.lock_until) < past.locked) yield [`it says that locks end at ${begun.lock_until}; entries say ${iso(past.locked)}`, `称锁定至 ${begun.lock_until}；条目记为 ${iso(past.locked)}`];
}

/** The seven rules; `now` is what both clocks showed at least. */
function* rules(past, begun, now) {
  const [made, approved] = [past.made.get(begun.proposal), past.approved.get(begun.proposal)];
  const ahead = (step, until, en, zh) => (until > now ? [[step, `${en} until ${iso(until)}; by both clocks it was ${iso(now)} at least`, `${zh}至 ${iso(until)}；两个时钟均至少为 ${iso(now)}`]] : []);
  if (!approved) yield [1, "nobody has approved it", "无人批准"];
  else if (approved.by === made?.by) yield [1, "the same person proposed and approved it", "提议与批准为同一人"];
  if (past.withdrawn.has(begun.proposal)) yield [1, "it was withdrawn", "已撤回"];
  const told = past.notices.filter(([, until]) => until === begun.promised).map(([at]) => at);
  if (begun.act === "dispose" && !told.length) yield [2, "nobody was told", "未通知任何人"];
  else if (begun.act === "dispose") yield* ahead(2, Math.min(...told) + LEAST, "people have time since the notice", "通知期");
  if (approved) yield* ahead(3, Math.max(approved.when + LEAST, moment(approved.not_before)), "it can be restored", "可恢复期");
  yield* dateRule(past, begun, ahead, made);
  for (const [hold, since] of past.holds) yield [5, `hold ${hold} of entry ${since}`, `保全 ${hold}（第 ${since} 项）`];
  for (const each of begun.cases ?? []) if (past.closings.get(each.closed) !== each.case || past.reopened.has(each.case)) yield [5, `case of closing ${each.case} is open`, `案件（${each.case}）未结`];
  yield* ahead(6, Math.max(past.locked, moment(begun.lock_until)), "it is locked", "锁定");
  const most = Math.max(ALWAYS, Math.floor((begun.clips * begun.per_mille) / 1000));
  if (begun.per_mille < 1 || begun.per_mille > MOST || begun.done_today >= most) yield [7, `${begun.done_today} clips were destroyed in the last 24 hours, ${most} may be`, `24 小时内已销毁 ${begun.done_today} 个，上限 ${most}`];
}

function* dateRule(past, begun, ahead, made) {
  if (begun.act === "destroy") {
    if (!Object.hasOwn(made?.commitments ?? {}, "authority")) yield [4, "no authority is named that ordered it", "未载明下令机关"];
    return;
  }
  const by = `${begun.rule.pack}:${begun.rule.rule}`;
  if (typeof begun.rule.until !== "string") yield [4, `${by} keeps it for ever`, `${by} 永久保存`];
  else yield* ahead(4, moment(begun.rule.until), `${by} keeps it`, `${by} 保存`);
  yield* ahead(4, moment(past.until ?? begun.promised), "it was promised", "承诺保存");
}

/** Of a whole log: what its `dispose.begin` entries count that was not so.  `ends` are these and the
 *  tombstones, `archived` the numbers of `archive.verified` entries, each in order. */
export function* miscounted(ends, archived) {
  const times = [];
  for (const [index, fields] of ends) {
    const now = moment(fields.at);
    if (fields.kind === "dispose.done") {
      times.push(now);
      continue;
    }
    const since = Math.min(now, moment(fields.outside.at)) - DAY;
    const today = times.filter((at) => since < at && at <= now).length;
    const clips = archived.filter((each) => each < index).length - times.length;
    if (fields.done_today < today) yield [index, `it counts ${fields.done_today} clips destroyed in 24 hours; ${today} were`, `计为 24 小时内销毁 ${fields.done_today} 个；实为 ${today} 个`];
    if (fields.clips > clips) yield [index, `it counts ${fields.clips} clips, and there were ${clips}`, `计有 ${fields.clips} 个片段，实有 ${clips} 个`];
  }
}
