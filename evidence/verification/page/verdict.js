// Steps, findings and the one verdict.  One rule: a yes is built from steps that were carried out
// and found nothing; a step that was not carried out is never a pass.  (As verdict.py.)

export const STEPS = [
  "policy", "bag", "checkpoint", "entries", "statement", "acts",
  "openings", "originals", "renditions", "keeping", "time", "completeness", "dossiers",
];
export const PASSED = "passed";
export const FAILED = "failed";
export const NOT_DONE = "not done";
export const NOT_ASKED = "does not apply";
const MAY_NOT_APPLY = new Set(["time", "completeness", "dossiers"]);
const MOST_FINDINGS = 1000;

/** A fault in what is examined, in both languages. */
export class Fault extends Error {
  constructor(en, zh) {
    super(en);
    this.zh = zh;
  }
}

export const done = (en = "", zh = "") => ({ outcome: PASSED, why: { en, zh } });
export const waits = (en, zh) => ({ outcome: NOT_DONE, why: { en, zh } });
export const absent = (en, zh) => ({ outcome: NOT_ASKED, why: { en, zh } });
export const impossible = (en, zh) => ({ outcome: FAILED, why: { en, zh } });

/** A step under way. */
export class Step {
  constructor(number) {
    this.number = number;
    this.findings = [];
    this.checked = 0;
    this.more = 0;
  }

  found(subject, en, zh) {
    if (this.findings.length < MOST_FINDINGS) this.findings.push({ step: this.number, subject, problem: { en, zh } });
    else this.more += 1;
  }

  /** Whatever goes wrong in `work` is a fault of `subject`, and the step goes on. */
  async about(subject, work) {
    try {
      await work();
    } catch (error) {
      if (error instanceof Cancelled) throw error;
      const en = String(error?.message ?? error);
      this.found(subject, en, error instanceof Fault ? error.zh : `无法检查：${en}`);
    }
  }

  result(ending) {
    if (this.more) {
      const [en, zh] = [`${this.more} further findings`, `另有 ${this.more} 项问题`];
      this.findings.push({ step: this.number, subject: "…", problem: { en, zh } });
    }
    const outcome = this.findings.length ? FAILED : ending.outcome;
    return { step: this.number, name: STEPS[this.number - 1], outcome, checked: this.checked, why: ending.why };
  }
}

/** The reader stopped the verification. */
export class Cancelled extends Error {}

export function verdict(steps, findings) {
  const outcomes = steps.map((each) => each.outcome);
  if (findings.length || steps.length !== STEPS.length || outcomes.includes(FAILED)) return "false";
  if (outcomes.includes(NOT_DONE)) return "consistent";
  const all = steps.every((each) => each.outcome === PASSED || MAY_NOT_APPLY.has(each.name));
  return all ? "genuine" : "false";
}
