// Single keys.  WCAG 2.1.4: they can be switched off, and never act while somebody types.

const SWITCH = "evidock.keys";
const TYPING = "input:not([type=range], [type=checkbox]), textarea, select, dialog";

export class Keys {
  #acts;
  #box;

  /** *acts*: key -> what it does; *box*: the checkbox that switches them. */
  constructor(acts, box) {
    this.#acts = acts;
    this.#box = box;
    box.checked = localStorage.getItem(SWITCH) !== "off";
    box.addEventListener("change", () => localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
    document.addEventListener("keydown", (event) => this.#pressed(event));
  }

  #pressed(event) {
    if (!this.#box.checked || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest(TYPING)) return;
    if (event.key === " " && event.target.closest("button, a, summary, [type=checkbox]")) return;
    if (event.key.startsWith("Arrow") && event.target.closest(".volume, pre")) return;
    const act = this.#acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}
