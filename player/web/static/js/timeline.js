// The custody entry that opening the player has just written, added to the page's timeline.

import { localiseTimes } from "./page.js";

export function showAct(act) {
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
  const note = document.querySelector(".viewed");
  note.querySelector("span").textContent = note.dataset.words.replace("{n}", act.index);
  note.hidden = false;
}
