// Draws a report.  One rule: everything from a package is text, never markup.

import { STEP_WORDS, WORDS, kindWords, shown } from "./words.js";
import { DATA } from "./bag.js";
import { make, shownBytes } from "./drawing.js";
import { papers } from "./papers.js";

const MARKS = { passed: "✓", failed: "✗", "not done": "–", "does not apply": "–" };
const COLOURS = { passed: "passed", failed: "failed", "not done": "open", "does not apply": "" };
/** What the archive found of a rendition -> how that is shown. */
const LIKENESS = { same: "passed", likeness: "open", differs: "failed", null: "open" };
const MOST_CLIPS = 500, MOST_PLAYED = 2 ** 31, MOST_SHOWN = 200;
const TYPES = { mp4: "video/mp4", m4v: "video/mp4", mov: "video/mp4", webm: "video/webm", jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", wav: "audio/wav", mp3: "audio/mpeg", m4a: "audio/mp4" };

export const byId = (name) => document.getElementById(name);

export class View {
  language = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";

  say(word, otherwise = word) {
    return Object.hasOwn(WORDS, word) ? this.#either(WORDS[word]) : otherwise;
  }

  #either(pair) {
    return pair[this.language === "zh" ? 1 : 0];
  }

  #named(name, said) {
    return `${name}${this.say("colon")}${said}`;
  }

  texts() {
    document.documentElement.lang = this.language;
    for (const each of document.querySelectorAll("[data-say]")) each.textContent = this.say(each.dataset.say);
    document.title = this.say("title");
    const other = this.language === "zh" ? ["en", "English"] : ["zh", "中文"];
    [byId("language").lang, byId("language").textContent] = other;
  }

  report(report) {
    byId("result").hidden = false;
    document.documentElement.dataset.verdict = report.verdict;
    byId("verdict").className = report.verdict;
    byId("verdict").textContent = this.#verdict(report);
    byId("claim").textContent = this.#claim(report);
    byId("head").textContent = this.#head(report.about);
    byId("steps").replaceChildren(...report.steps.map((each) => this.#step(each)));
    const findings = report.findings.slice(0, MOST_SHOWN).map((each) => this.#finding(each));
    if (report.findings.length > MOST_SHOWN) findings.push(make("li", {}, `… ${report.findings.length - MOST_SHOWN}`));
    byId("findings").replaceChildren(...(findings.length ? [make("ul", {}, ...findings)] : []));
    const clips = report.about.statement?.clips.slice(0, MOST_CLIPS) ?? [];
    const drawn = clips.map((clip) => this.#clip(report.about, clip));
    const filed = papers(report.about, (word) => this.say(word), this.language);
    byId("clips").replaceChildren(...(drawn.length ? [make("h3", {}, this.say("clips")), ...drawn] : []), ...filed);
  }

  #verdict(report) {
    const complete = report.steps[11];
    if (report.verdict === "genuine" && complete.outcome !== "passed") return this.#named(this.say("genuineOnly"), complete.why[this.language]);
    const open = report.steps.filter((each) => each.outcome === "not done").map((each) => each.why[this.language]);
    return report.verdict === "consistent" ? this.#named(this.say("consistent"), open.join(this.say("semicolon"))) : this.say(report.verdict);
  }

  /** What was selected: whether that is what the reader asked for, only they can see. */
  #claim({ name, about: { statement, exported } }) {
    if (!statement) return shown(name);
    const { kind, subject, day } = statement.selection;
    const what = [this.say(`of ${kind}`), ...[subject, day].filter(Boolean).map(shown)].join(" ");
    const count = `${statement.clips.length} ${this.say("clipCount")}`;
    const parts = [what, count, `${this.say("made")} ${shown(statement.made)}`, `${this.say("exportEntry")} ${exported}`];
    return this.#named(shown(name), parts.join(this.say("semicolon")));
  }

  #head({ head, seen, unable }) {
    if (!head) return "";
    const names = seen.map(({ key, at }) => `${shown(key.name)} (${at.toISOString()})`);
    const log = `${this.say("log")} ${shown(head.origin)}, ${head.size} ${this.say("entries")}`;
    const others = unable.map((key) => shown(key.name));
    const said = [["seen", names], ["unchecked", others]].filter(([, all]) => all.length);
    return [log, ...said.map(([word, all]) => this.#named(this.say(word), all.join(", ")))].join(this.say("stop."));
  }

  #step({ step, outcome, checked, why }) {
    const mark = make("span", { class: COLOURS[outcome], role: "img", "aria-label": this.say(outcome) }, MARKS[outcome]);
    const name = `${step}. ${this.#either(STEP_WORDS[step - 1])}`;
    const row = make("tr", { "data-step": step, "data-outcome": outcome }, make("td", {}, mark), make("td", {}, name));
    row.append(make("td", { class: "number" }, checked ? String(checked) : ""), make("td", { class: "why" }, why[this.language]));
    return row;
  }

  #finding({ step, subject, problem }) {
    const name = make("bdi", {}, shown(subject));
    return make("li", { "data-step": step }, make("strong", {}, `${this.say("step")} ${step}`), " · ", name, ": ", shown(problem[this.language]));
  }

  #clip(about, clip) {
    const openings = about.manifests.get(clip.clip)?.openings ?? {};
    const value = (name) => openings[name] && shownBytes(openings[name].value_hex);
    const list = make("dl");
    const add = (word, said) => said && list.append(make("dt", {}, this.say(word)), make("dd", {}, make("bdi", {}, said)));
    add("clip", clip.clip);
    for (const name of ["path", "camera", "officer", "started"]) add(name, value(name));
    const playable = about.playable.get(`${clip.clip} ${clip.original}`);
    add("size", playable && playable.size.toLocaleString(this.language));
    add("digest", playable?.sha256);
    const drawn = make("details", { "data-clip": clip.clip }, make("summary", {}, make("bdi", {}, value("path") ?? clip.clip)), list);
    if (!about.isBelieved) drawn.append(make("p", { class: "why" }, this.say("notPlayed")));
    else if (clip.original === null) drawn.append(make("p", { class: "why" }, this.say(`without ${clip.without}`)));
    else if (!playable) drawn.append(make("p", { class: "alert" }, this.say("notShown")));
    for (const it of about.isBelieved ? about.playable.values() : []) if (it.clip === clip.clip) this.#player(about, it, drawn);
    drawn.append(make("h3", {}, this.say("timeline")));
    drawn.addEventListener("toggle", () => drawn.open && this.#timeline(about, clip, drawn), { once: true });
    return drawn;
  }

  #player(about, it, drawn) {
    const type = TYPES[it.path.split(".").pop().toLowerCase()];
    if (!type) return;
    const isOriginal = it.path.startsWith("originals/");
    const name = isOriginal ? this.say("original") : it.path.split("/").pop();
    const place = make("div", { class: "play" });
    if (it.compared === "differs") place.append(make("bdi", {}, shown(name)));
    else place.append(this.#button(about, it, type, name));
    if (!isOriginal) place.append(make("span", { class: LIKENESS[it.compared], "data-compared": it.compared ?? "no" }, this.say(it.compared ?? "notCompared")));
    drawn.append(place);
  }

  /** What plays it, or why nothing does. */
  #button(about, { path, sha256, size }, type, name) {
    const button = make("button", { type: "button", "data-play": path }, this.#named(this.say(type.startsWith("image") ? "show" : "play"), shown(name)));
    const place = make("div", {}, button);
    if (size > MOST_PLAYED) {
      button.disabled = true;
      place.append(" ", this.say("tooLarge"));
      return place;
    }
    button.addEventListener("click", async () => {
      button.disabled = true;
      button.textContent = this.say("checking");
      try {
        const copy = await about.files.copyOf(DATA + path, sha256, type);
        const tag = type.startsWith("image") ? "img" : type.startsWith("audio") ? "audio" : "video";
        const media = make(tag, { src: URL.createObjectURL(copy), controls: "", alt: name });
        place.replaceChildren(media, make("bdi", { class: "name" }, shown(name)));
      } catch (error) {
        place.replaceChildren(make("p", { class: "alert", role: "alert" }, this.language === "zh" ? error.zh ?? error.message : error.message));
      }
    });
    return place;
  }

  async #timeline(about, clip, drawn) {
    const list = make("ol", { class: "timeline" });
    for (const index of clip.entries.slice(0, MOST_SHOWN)) {
      let fields = await about.proven.fields(index);
      if (fields.kind === "station.act") fields = JSON.parse(fields.act);
      const said = `${this.#either(kindWords(fields.kind))} — ${this.say(`by ${fields.by}`, fields.by)}`;
      list.append(make("li", { title: `entry ${index}` }, make("time", {}, shown(fields.at)), make("bdi", {}, shown(said))));
    }
    drawn.append(list);
  }
}
