// A custody entry that this page has just had written, added to its timeline.

import { localiseTimes } from "./page.js";

/** *isView*: opening the player wrote it, which the reader is told. */
export function showAct(act, isView = true) {
  const list = document.querySelector(".timeline");
  if (!list || list.querySelector(`[data-entry="${act.index}"]`)) return;
  const row = document.getElementById("act-row").content.cloneNode(true).querySelector("li");
  row.dataset.entry = act.index;
  row.classList.add("fresh");
  row.querySelector(".index").textContent = act.index;
  row.querySelector(".words").textContent = act.words;
  const by = row.querySelector(".by");
  by.textContent = by.dataset.words.replace("{who}", act.who);
  row.querySelector(".exact").textContent = act.text;
  const time = row.querySelector("time");
  time.dateTime = act.at;
  time.textContent = act.shown_at;
  localiseTimes(row);
  list.prepend(row);
  if (!isView) return;
  const note = document.querySelector(".viewed");
  note.querySelector("span").textContent = note.dataset.words.replace("{n}", act.index);
  note.hidden = false;
}
