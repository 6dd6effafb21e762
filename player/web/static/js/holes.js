// Refused segments: red on the bar, named in words, on record; playback never runs across one.

import { clock } from "./clock.js";
import { showAct } from "./timeline.js";

const NEAR = 0.25; // seconds before a hole where playback stops: the last frame before it is shown

export class Holes {
  #words;
  #marks;
  #list;
  #leave;
  #ranges = []; // {told, times: [start, end]}

  /** *marks*: the strip over the bar; *list*: where refusals are named. */
  constructor({ words, marks, list, leave }) {
    this.#words = words;
    this.#marks = marks;
    this.#list = list;
    this.#leave = leave;
  }

  /** Notes what *told* names as refused; *times* is null for what has no place on the bar. */
  async add(told, times, duration) {
    if (this.#ranges.some((range) => range.told.object === told.object && range.told.offset === told.offset)) return;
    this.#ranges.push({ told, times });
    this.#ranges.sort((a, b) => (a.times?.[0] ?? 0) - (b.times?.[0] ?? 0));
    const row = this.#named(told, times);
    if (times && duration) this.#mark(times, duration);
    await this.#record(told, row);
  }

  /** The end of the hole that *time* lies in or just before; null outside of all holes. */
  endAt(time) {
    let end = null;
    for (const { times } of this.#ranges) {
      if (times && times[0] - NEAR <= (end ?? time) && (end ?? time) < times[1]) end = times[1];
    }
    return end;
  }

  /** The end of the last hole between *from* and *to*; null if there is none. */
  between(from, to) {
    const crossed = this.#ranges.filter(({ times }) => times && from < times[1] && times[0] < to);
    return crossed.length ? crossed.at(-1).times[1] : null;
  }

  #mark([start, end], duration) {
    const mark = document.createElement("span");
    mark.style.left = `${(start / duration) * 100}%`;
    mark.style.width = `${(Math.min(end, duration) - start) / duration * 100}%`;
    this.#marks.append(mark);
  }

  #named(told, times) {
    const row = document.createElement("li");
    const text = document.createElement("span");
    const fill = {
      object: told.object,
      first: told.offset,
      last: told.offset + told.length - 1,
      from: times ? clock(times[0]) : "–",
      to: times ? clock(times[1]) : "–",
    };
    const words = this.#words[times ? "refused.segment" : "refused.object"];
    text.textContent = words.replace(/{(\w+)}/g, (_, name) => fill[name]);
    const digests = document.createElement("code");
    digests.className = "whole";
    digests.textContent = this.#words["refused.digests"]
      .replace("{found}", told.found).replace("{expected}", told.expected);
    const entry = document.createElement("span");
    entry.className = "recorded quiet";
    row.append(text, digests, entry);
    this.#list.append(row);
    this.#list.hidden = false;
    return row;
  }

  async #record(told, row) {
    const place = row.querySelector(".recorded");
    try {
      const { entry, act } = await this.#leave.tell("refusals", told);
      row.dataset.entry = entry;
      place.textContent = this.#words["refused.recorded"].replace("{n}", entry);
      if (act) showAct(act);
    } catch {
      place.textContent = this.#words["refused.unrecorded"];
    }
  }
}
