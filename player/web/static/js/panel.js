// The verify panel: five links from the camera to the segment on screen, each with what it is.
// Rule: it shows what was checked in this browser, and says in words what was not.

export class Panel {
  #root;
  #words;
  #refused = false;

  constructor(root, words) {
    this.#root = root;
    this.#words = words;
  }

  toggle(button) {
    this.#root.hidden = !this.#root.hidden;
    button.setAttribute("aria-expanded", String(!this.#root.hidden));
    if (!this.#root.hidden) this.#root.querySelector("h2").focus();
  }

  /** Shows the proven *links* (see chain.js). */
  show(links) {
    const { dock, archive, compared, derived } = links;
    this.#link("dock", dock && "proven", dock?.fields.sha256, dock && this.#entry("by.dock", dock));
    this.#link(
      "archive", archive && "proven", archive?.fields.digests.sha256,
      archive && this.#entry("by.archive", archive, {
        version: archive.fields.version, mode: archive.fields.lock_mode, until: archive.fields.lock_until,
      }),
    );
    this.#compared(compared);
    const how = links.pinned ? "key.pinned" : links.seen ? "key.seen" : "key.first";
    this.#root.querySelector(".log-key").textContent = links.key;
    this.#root.querySelector(".key-how").textContent = this.#words[how];
  }

  /** The file that tells the segments (or is the picture) was read, and is the one on record. */
  read({ derived }) {
    const root = derived.fields.segment_root;
    const value = root ?? derived.fields.objects["picture.jpg"]?.sha256;
    this.#link("manifest", "proven", value, this.#entry(root ? "by.derived" : "by.picture", derived));
  }

  #compared(compared) {
    if (!compared) return this.#link("compared", "open", "", this.#words["by.nothing"]);
    const { kind, same, anew, differs = [], digests } = compared.fields;
    const state = {
      "derive.verified": "proven", "derive.compared": "likeness", "derive.refused": "failed",
    }[kind];
    const names = (codes) => codes.map((code) => this.#words[`part.${code}`] ?? code).join(this.#words["part.and"]);
    const said = [];
    if (same.length) said.push(this.#fill("by.same", { what: names(same) }));
    if (anew.length) said.push(this.#fill("by.anew", { what: names(anew) }));
    if (differs.length) said.push(this.#fill("by.differs", { what: names(differs.map((d) => d.what)) }));
    said.push(this.#entry("by.compared", compared));
    this.#link("compared", state, digests.picture?.sha256 ?? digests.sound?.sha256 ?? "", said.join(" "));
  }

  /** The segment that was checked last, and how many are good; one refused is not forgotten. */
  segment(segment, good, total, refused) {
    this.#refused ||= refused;
    const value = `${segment.offset}–${segment.offset + segment.length - 1}: ${segment.sha256}`;
    const state = this.#refused ? "failed" : good === total ? "proven" : "partly";
    this.#link("segment", state, value, this.#fill("by.segment", { good, total }));
    const counted = this.#fill("counter", { good, total });
    for (const place of document.querySelectorAll(".verified-count")) place.textContent = counted;
  }

  /** Nothing further can be trusted: *text* says why. */
  fail(link, text) {
    this.#link(link, "failed", "", text);
    const whole = this.#root.querySelector(".whole-act");
    if (whole) whole.disabled = true;
  }

  #link(name, state, value, against) {
    const row = this.#root.querySelector(`[data-link="${name}"]`);
    row.dataset.state = state ?? "open";
    row.querySelector(".state").textContent = this.#words[`state.${state ?? "open"}`];
    row.querySelector(".value").textContent = value ?? "";
    row.querySelector(".against").textContent = against ?? this.#words["by.nothing"];
  }

  #entry(key, { index, size }, more = {}) {
    return this.#fill(key, { n: index, size, ...more });
  }

  #fill(key, values) {
    return this.#words[key].replace(/{(\w+)}/g, (_, name) => values[name]);
  }
}
