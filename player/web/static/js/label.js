// The label under the picture: what the rendition is, and what the archive found.
// Rule: once there are proofs it says what the signed log says, whatever the page came with.

const VERDICTS = {
  "derive.verified": "verified",
  "derive.compared": "likeness",
  "derive.refused": "refused",
};

export class Label {
  #root;
  #words;

  /** *root* holds a variant of each saying; which is shown depends on the verdict. */
  constructor(root, words) {
    this.#root = root;
    this.#words = words;
  }

  /** Says what the proven *links* (see chain.js) say. */
  prove({ compared }) {
    if (!compared) return this.#show("open", false);
    const { kind, same, differs = [] } = compared.fields;
    const verdict = VERDICTS[kind];
    const names = differs.map(({ what }) => this.#words[`part.${what}`] ?? what);
    this.#root.querySelector(".differs").textContent = this.#words["label.differs"]
      .replace("{what}", names.join(this.#words["part.and"]));
    this.#show(verdict, verdict !== "refused" && same.includes("pictures"));
  }

  /** The page told it, and cannot be believed now. */
  withdraw() {
    this.#show("", false);
  }

  #show(verdict, pictures) {
    for (const each of this.#root.querySelectorAll("[data-verdict]")) {
      each.hidden = each.dataset.verdict !== verdict;
    }
    for (const each of this.#root.querySelectorAll("[data-pictures]")) {
      each.hidden = each.dataset.pictures !== (pictures ? "proven" : "told");
    }
  }
}
