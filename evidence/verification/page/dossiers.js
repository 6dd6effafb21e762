// Step 13: documents are those that entries name, and each dossier grew without a hole.
// (As verification/dossiers.py.)

import { canonicalValue, hex, utf8 } from "./bytes.js";
import { DATA } from "./bag.js";
import { mustBe, opened, refuse } from "./clips.js";
import { Lineage, growth, namedBy, readIndex, split, unsaid } from "./lineage.js";
import { Cancelled, absent, done, impossible } from "./verdict.js";

const DOCUMENT = "document.add", DOSSIER = "dossier.made";
const LOST = ["the vault had it no more when the package was made", "制作本包时存储库中已无此内容"];
const NEEDED = ["kind", "clip", "incident", "document", "sha256", "digests", "withdrawn", "standing"];
const KINDS = { clip: "个片段", link: "个关联" };

export async function checkDossiers(about, step) {
  if (!about.statement) return impossible("without a statement nothing says which documents are meant", "没有声明，无法确定涉及哪些文件");
  const look = new Look(about, step);
  const nothing = look.nothing();
  if (nothing) return nothing;
  for (const { entry, file } of about.statement.documents) await step.about(`entry ${entry}`, () => look.seeDocument(entry, file));
  const made = [];
  for (const { entry, file } of about.statement.dossiers) await step.about(`entry ${entry}`, async () => made.push(await look.version(entry, file)));
  const lineage = new Lineage(made);
  for (const [version, before] of lineage.walk()) {
    if (about.stop.aborted) throw new Cancelled();
    const subject = `entry ${version.entry}`;
    for (const problem of lineage.problems(version)) step.found(subject, ...problem);
    await step.about(subject, () => look.seeVersion(version, before, subject));
  }
  look.seeAllListed();
  return done(...look.words());
}

/** What was seen of documents and dossiers so far. */
class Look {
  #documents = new Map();
  #files = new Map();
  #last = null;
  #lacking = new Map();
  #unopened = 0;
  #entries = new Map();

  constructor(about, step) {
    this.about = about;
    this.step = step;
    this.clips = new Map(about.statement.clips.map(({ clip, entry }) => [clip, entry]));
  }

  /** How the step ends if there is nothing to look at.  A whole package from before there were such
   *  lists has none; of a selection its entries tell. */
  nothing() {
    const { statement, isWhole } = this.about;
    const [documents, versions] = [this.#known(DOCUMENT), this.#known(DOSSIER)];
    if (statement.documents.length || statement.dossiers.length) return null;
    if (!isWhole && (documents.length || versions.length)) return null;
    const [en, zh] = ["the package holds neither documents nor dossiers", "本包不含文件和卷宗"];
    if (!documents.length && !versions.length) return absent(en, zh);
    return absent(`${en}; the log knows ${documents.length} documents and ${versions.length} versions`, `${zh}；日志中有 ${documents.length} 份文件和 ${versions.length} 版卷宗`);
  }

  async seeDocument(entry, file) {
    this.step.checked += 1;
    const said = await this.#said(entry, DOCUMENT);
    const [number, held] = await this.#caseOf(entry);
    if (this.#documents.has(said.document)) refuse(`adds document ${said.document} a second time`, `重复添加文件 ${said.document}`);
    this.#documents.set(said.document, { entry, number });
    if (file === null) return this.step.found(`entry ${entry}`, ...LOST);
    const path = `documents/${said.sha256}`;
    mustBe(this.about, path, said.sha256, said.size);
    return this.about.papers.push({ path, sha256: said.sha256, size: said.size, opened: held });
  }

  async version(entry, file) {
    this.step.checked += 1;
    const { sha256, previous = null, number } = await this.#said(entry, DOSSIER);
    const [of] = await this.#caseOf(entry);
    if (of === null) this.#unopened += 1;
    this.#files.set(entry, file);
    return { entry, sha256, previous, number, case: of };
  }

  /** The index of one version is what its entry says, and has what the one before had. */
  async seeVersion(version, before, subject) {
    const { step } = this;
    const last = this.#last;
    this.#last = null;
    if (!before) this.#entries.clear();
    if (this.#files.get(version.entry) === null) return step.found(subject, ...LOST);
    const index = await this.#index(version);
    const had = before && last?.entry === before.entry ? last.index : null;
    if (had || version.previous === null) for (const problem of growth(had, before?.sha256, index)) step.found(subject, ...problem);
    else if (before && this.#files.get(before.entry) === null) step.found(subject, `the version of entry ${before.entry} is lost: what this one left out is unknown`, `第 ${before.entry} 项的版本已丢失：无法得知本版遗漏了什么`);
    this.#last = { entry: version.entry, index };
    return this.#seeItems(version, index, subject);
  }

  /** Every document and version that the entries tell up to the statement is listed. */
  seeAllListed() {
    const { documents, dossiers } = this.about.statement;
    const kinds = [[DOCUMENT, documents, "adds a document", "添加了文件"], [DOSSIER, dossiers, "made a version of a dossier", "制作了一版卷宗"]];
    for (const [kind, listed, en, zh] of kinds) {
      const there = new Set(listed.map(({ entry }) => entry));
      for (const index of this.#known(kind)) if (!there.has(index)) this.step.found(`entry ${index}`, `${en} that the statement does not list`, `${zh}，声明未列出`);
    }
  }

  words() {
    const { documents, dossiers } = this.about.statement;
    const en = [`${documents.length} documents, ${dossiers.length} versions of dossiers`];
    const zh = [`${documents.length} 份文件，${dossiers.length} 版卷宗`];
    if (this.#lacking.size) {
      const count = {};
      for (const kind of this.#lacking.values()) count[kind] = (count[kind] ?? 0) + 1;
      const kinds = Object.keys(count).sort();
      en.push(`they name what this package does not hold: ${kinds.map((kind) => `${count[kind]} ${kind}s`).join(", ")}`);
      zh.push(`其中列出而本包不含：${kinds.map((kind) => `${count[kind]} ${KINDS[kind]}`).join("，")}`);
    }
    if (this.#unopened) {
      en.push(`of ${this.#unopened} versions nothing says of which case they are`);
      zh.push(`有 ${this.#unopened} 版无从得知属于哪个案件`);
    }
    return [en.join("; "), zh.join("；")];
  }

  #known(kind) {
    return this.about.proven.ofKind(kind).filter((index) => index < this.about.statement.size);
  }

  async #said(entry, kind) {
    const said = await this.about.proven.fields(entry);
    return said.kind === kind ? said : refuse(`is no ${kind} entry`, `不是 ${kind} 条目`);
  }

  /** The number of the case that an entry is about, in hexadecimal, where something opens it; and
   *  all that is opened. */
  async #caseOf(entry) {
    const { selection, openings } = this.about.statement;
    let held = {};
    if (Object.hasOwn(openings, entry)) {
      try {
        held = await opened(this.about, entry, openings[entry]);
      } catch (error) {
        if (error instanceof Cancelled) throw error; // anything else step 7 has named
      }
    }
    const number = held.case?.value_hex ?? null;
    if (selection.kind === "case" && number !== hex(utf8(selection.subject ?? ""))) {
      const [en, zh] = number === null ? ["nothing opens of which case it is", "无从得知属于哪个案件"] : ["is of another case than the package", "与本包不属于同一案件"];
      this.step.found(`entry ${entry}`, en, zh);
    }
    return [number, held];
  }

  async #index({ entry }) {
    const said = await this.#said(entry, DOSSIER);
    const path = `dossiers/${said.sha256}.json`;
    mustBe(this.about, path, said.sha256, null);
    const index = readIndex(await this.about.files.read(DATA + path));
    const same = {
      case: [index.case, said.commitments.case], number: [index.number, said.number], previous: [index.previous, said.previous ?? null],
      root: [index.root, said.root], items: [index.items.length, said.items], gone: [index.gone.length, said.gone],
    };
    const odd = Object.keys(same).filter((name) => same[name][0] !== same[name][1]).join(", ");
    if (odd) refuse(`${path}: ${odd}: not what the entry says`, `${path}：${odd} 与条目不符`);
    return index;
  }

  /** What the version says of entries is what they say. */
  async #seeItems(version, index, subject) {
    const { step, about: { proven } } = this;
    const wanted = namedBy(index);
    const held = new Map();
    for (const each of wanted) {
      if (!this.#entries.has(each) && proven.has(each)) {
        const fields = canonicalValue(await proven.fetch(each));
        this.#entries.set(each, Object.fromEntries(NEEDED.filter((name) => Object.hasOwn(fields, name)).map((name) => [name, fields[name]])));
      }
      if (this.#entries.has(each)) held.set(each, this.#entries.get(each));
    }
    const late = wanted.find((each) => each >= version.entry);
    if (late !== undefined) step.found(subject, `names entry ${late}, which did not come before it`, `列出的第 ${late} 项不在其之前`);
    for (const problem of unsaid(index, held)) step.found(subject, ...problem);
    for (const item of index.items) this.#seeItem(version, item, subject);
    for (const { kind, id, entry } of index.gone) if (!held.has(entry)) step.found(subject, `says that entry ${entry} took ${kind} ${id}; it is not here`, `称第 ${entry} 项移出了 ${kind} ${id}，但该项不在此处`);
  }

  /** An item is what the package has under that id, or is of a clip that it does not have. */
  #seeItem(version, item, subject) {
    const { step } = this;
    const clip = ["clip", "link"].includes(item.kind) ? split(item.id)[0] : null;
    const lacking = [item.entry, item.placed].find((entry) => entry !== null && !this.#entries.has(entry));
    const name = `${item.kind} ${item.id}`;
    if (lacking !== undefined && (clip === null || this.clips.has(clip))) {
      step.found(subject, `names ${name} by entry ${lacking}, which is not here`, `依据第 ${lacking} 项列出 ${name}，但该项不在此处`);
      return;
    }
    if (lacking !== undefined) this.#lacking.set(name, item.kind);
    if (item.kind === "clip" && (this.clips.get(item.id) ?? item.entry) !== item.entry) step.found(subject, `names another entry of clip ${item.id} than the statement`, `所列片段 ${item.id} 的条目与声明不同`);
    const known = item.kind === "document" ? this.#documents.get(item.id) : undefined;
    if (!known) return;
    if (known.entry !== item.entry) step.found(subject, `names another entry of document ${item.id} than the statement`, `所列文件 ${item.id} 的条目与声明不同`);
    else if (known.number !== null && version.case !== null && known.number !== version.case) step.found(subject, `names document ${item.id}, which is of another case`, `所列文件 ${item.id} 属于另一案件`);
  }
}
