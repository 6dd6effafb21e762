// Draws the documents of cases that were found to be those of the log, and hands them out by their
// own names.  One rule: everything from a package is text, and what is saved is hashed once more.

import { DATA } from "./bag.js";
import { make, shownBytes } from "./drawing.js";
import { shown } from "./words.js";

const MOST = 500, LONGEST = 150;
const BYTES = "application/octet-stream";

/** The documents of `about`, for a page that says things by `say` in its `language`. */
export function papers(about, say, language) {
  const drawn = about.papers.slice(0, MOST).map((it) => paper(about, it, say, language));
  return drawn.length ? [make("h3", {}, say("documents")), ...drawn] : [];
}

function paper(about, it, say, language) {
  const value = (name) => it.opened[name] && shownBytes(it.opened[name].value_hex);
  const list = make("dl");
  const add = (word, said) => said && list.append(make("dt", {}, say(word)), make("dd", {}, make("bdi", {}, said)));
  add("fileName", value("name"));
  add("caseNumber", value("case"));
  add("place", DATA + it.path);
  add("size", it.size.toLocaleString(language));
  add("digest", it.sha256);
  const title = make("summary", {}, make("bdi", {}, value("title") ?? it.path));
  const drawn = make("details", { "data-document": it.path }, title, list);
  drawn.append(about.isBelieved ? saving(about, it, value("name") ?? it.sha256, say, language) : make("p", { class: "why" }, say("notSaved")));
  return drawn;
}

function saving(about, { path, sha256 }, name, say, language) {
  const button = make("button", { type: "button", "data-save": path }, say("save"));
  const place = make("div", {}, button);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const address = URL.createObjectURL(await about.files.copyOf(DATA + path, sha256, BYTES));
      make("a", { href: address, download: plain(name) }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      button.disabled = false;
    } catch (error) {
      place.replaceChildren(make("p", { class: "alert", role: "alert" }, language === "zh" ? error.zh ?? error.message : error.message));
    }
  });
  return place;
}

/** A name that is one file's, wherever it is saved. */
const plain = (name) => shown(name).replace(/[\\/:*?"<>|{}]/g, "_").replace(/^\.+/, "_").slice(-LONGEST);
