// How anything is drawn.  One rule: everything from a package is text, never markup.

import { text, unhex } from "./bytes.js";
import { shown } from "./words.js";

export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A value that something opens, as text where it is some. */
export function shownBytes(digits) {
  try {
    return shown(text(unhex(digits)));
  } catch {
    return digits;
  }
}
