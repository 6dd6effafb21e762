// Carries out the thirteen steps, in order, each as far as it can be.  (As judge.py.)

import { checkBag, checkCheckpoint, readPolicy } from "./bag.js";
import { checkEntries } from "./entries.js";
import { checkActs, checkStatement } from "./statement.js";
import { checkOpenings, checkOriginals, checkTime } from "./clips.js";
import { checkKeeping } from "./keeping.js";
import { checkRenditions } from "./renditions.js";
import { checkCompleteness } from "./completeness.js";
import { checkDossiers } from "./dossiers.js";
import { Step, impossible, verdict } from "./verdict.js";

const CHECKS = [
  readPolicy, checkBag, checkCheckpoint, checkEntries, checkStatement, checkActs,
  checkOpenings, checkOriginals, checkRenditions, checkKeeping, checkTime, checkCompleteness,
  checkDossiers,
];

/** The report on the package in `files`; `began` hears of each step. */
export async function judge(files, policyBytes, stop, began = () => {}) {
  const about = {
    files, policyBytes, stop, log: "data/log/", measured: new Map(), manifests: new Map(), playable: new Map(), papers: [],
    policy: null, note: null, head: null, seen: [], unable: [], isBelieved: false, proven: null, isWhole: false, statement: null, exported: null,
  };
  const [steps, findings] = [[], []];
  for (const [place, check] of CHECKS.entries()) {
    const step = new Step(place + 1);
    began(step.number);
    let ending = impossible("it broke off", "中断");
    await step.about(String(step.number), async () => {
      ending = await check(about, step);
    });
    steps.push(step.result(ending));
    findings.push(...step.findings);
  }
  return { verdict: verdict(steps, findings), what: "package", steps, findings, about };
}
