"""What a verification found: steps, findings, and the one verdict that follows from them.

One rule: a yes is never the absence of a no.  It is built from thirteen steps that were each
carried out and found nothing; a step that was not carried out says why, and is never a pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum

MOST_FINDINGS = 1000
"""Findings of one step that are told one by one; more are counted."""


_LONGEST = 1000
"""Signs of a subject or problem that are told."""


class Step(IntEnum):
    """The steps of ``docs/packages.md``."""

    POLICY = 1
    BAG = 2
    CHECKPOINT = 3
    ENTRIES = 4
    STATEMENT = 5
    ACTS = 6
    OPENINGS = 7
    ORIGINALS = 8
    RENDITIONS = 9
    KEEPING = 10
    TIME = 11
    COMPLETENESS = 12
    DOSSIERS = 13


class Outcome(StrEnum):
    """What became of a step."""

    PASSED = "passed"
    """It was carried out and found nothing."""
    FAILED = "failed"
    """It found something, or could not be carried out for what is missing in the package."""
    NOT_DONE = "not done"
    """It waits for something that only the reader can bring."""
    NOT_ASKED = "does not apply"
    """There is nothing in the package that it could look at, and nothing says there must be."""


class Verdict(StrEnum):
    """What the whole comes to."""

    GENUINE = "genuine"
    """Every step that applies passed: genuine and complete."""
    CONSISTENT = "consistent"
    """Nothing is false, but the reader did not bring what some step needs."""
    FALSE = "false"
    """Something is false or missing."""


class What(StrEnum):
    """What lies at a path."""

    PACKAGE = "package"
    LOG = "log"
    RECEIPT = "receipt"


_HEAD = frozenset({Step.POLICY, Step.CHECKPOINT, Step.ENTRIES})
_MUST = {
    What.PACKAGE: frozenset(Step) - {Step.TIME, Step.COMPLETENESS, Step.DOSSIERS},
    What.LOG: _HEAD | {Step.ACTS},
    What.RECEIPT: _HEAD,
}
"""Without which steps passed nothing is called genuine; the others may not apply.

Time stamps are an option; of an incident or case nobody can show completeness; most packages hold
no dossier.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it must be."""

    step: Step
    subject: str
    """Path of a file, id of a clip, ``entry N``, or the step's name."""
    problem: str
    is_loss: bool = False
    """The package says itself that the vault had something no more; nothing contradicts it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """One step as it went."""

    step: Step
    outcome: Outcome
    checked: int
    """How many things it looked at."""
    why: str = ""
    """Why it was not carried out, or does not apply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a step ended: what a step's function must return, so that none ends by falling off."""

    outcome: Outcome
    why: str = ""


DONE = Ending(outcome=Outcome.PASSED)
"""It was carried out; whether it passed, its findings say."""


def done(why: str) -> Ending:
    """It was carried out, and *why* says how far it reaches."""
    return Ending(outcome=Outcome.PASSED, why=why)


def waits(why: str) -> Ending:
    """It waits for the reader to bring something."""
    return Ending(outcome=Outcome.NOT_DONE, why=why)


def absent(why: str) -> Ending:
    """It does not apply."""
    return Ending(outcome=Outcome.NOT_ASKED, why=why)


def impossible(why: str) -> Ending:
    """It could not be carried out, through a fault that an earlier step named."""
    return Ending(outcome=Outcome.FAILED, why=why)


@dataclass(slots=True, kw_only=True)
class Open:
    """A step under way, as its function sees it."""

    step: Step
    findings: list[Finding] = field(default_factory=list)
    checked: int = 0
    more: int = 0
    """Findings beyond :data:`MOST_FINDINGS`."""
    are_losses: bool = True
    """Whether all of those are."""

    def found(self, subject: str, problem: str, *, is_loss: bool = False) -> None:
        """Name a fault."""
        if len(self.findings) >= MOST_FINDINGS:
            self.more += 1
            self.are_losses = self.are_losses and is_loss
            return
        self.findings.append(
            Finding(
                step=self.step, subject=_shown(subject), problem=_shown(problem), is_loss=is_loss
            )
        )

    @contextmanager
    def about(self, subject: str) -> Iterator[None]:
        """Whatever goes wrong within is a fault of *subject*, and the step goes on."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - hostile input may raise anything; all is told
            self.found(subject, str(error) or repr(error))

    def result(self, ending: Ending) -> StepResult:
        """The step as it went, now that it ended so."""
        if self.more:
            self.findings.append(
                Finding(
                    step=self.step,
                    subject="and more",
                    problem=f"{self.more} further findings",
                    is_loss=self.are_losses,
                )
            )
        outcome = Outcome.FAILED if self.findings else ending.outcome
        return StepResult(step=self.step, outcome=outcome, checked=self.checked, why=ending.why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What the package is a package of, by a statement that an ``export`` entry names."""

    selection: Mapping[str, object]
    """As in ``statement.json``."""
    made: str
    clips: int
    export: int
    """The index of that entry."""

    @property
    def words(self) -> str:
        """In one line; the reader sees whether this is what they asked for."""
        held = ("subject", "day")
        who = " ".join(_shown(str(self.selection[name])) for name in held if self.selection[name])
        kind = self.selection["kind"]
        what = f"{kind} {who}".strip()
        return f"{self.clips} clips of: {what}; made {self.made}; export entry {self.export}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of one verification."""

    what: What
    claim: Claim | None = None
    """None of a log or receipt, and where no statement was proven."""
    steps: Sequence[StepResult]
    findings: Sequence[Finding]

    @property
    def verdict(self) -> Verdict:
        outcomes = {each.step: each.outcome for each in self.steps}
        if self.findings or set(outcomes) != set(Step) or Outcome.FAILED in outcomes.values():
            return Verdict.FALSE
        if Outcome.NOT_DONE in outcomes.values():
            return Verdict.CONSISTENT
        if all(outcomes[step] is Outcome.PASSED for step in _MUST[self.what]):
            return Verdict.GENUINE
        return Verdict.FALSE

    @property
    def losses(self) -> list[Finding]:
        """What was lost before the package was made: originals, documents, versions."""
        return [each for each in self.findings if each.is_loss]

    def but_for_losses(self) -> Report:
        """The report as it were if :attr:`losses` were none: for who takes what there is."""
        others = [each for each in self.findings if not each.is_loss]
        wrong = {each.step for each in others}
        losing = {each.step for each in self.losses} - wrong
        steps = [
            replace(each, outcome=Outcome.PASSED) if each.step in losing else each
            for each in self.steps
        ]
        return replace(self, steps=steps, findings=others)

    def document(self) -> dict[str, object]:
        """The report as JSON."""
        return {
            "verdict": self.verdict.value,
            "what": self.what.value,
            "claim": None
            if self.claim is None
            else {
                "selection": dict(self.claim.selection),
                "made": self.claim.made,
                "clips": self.claim.clips,
                "export": self.claim.export,
            },
            "steps": [
                {
                    "step": each.step.value,
                    "name": each.step.name.lower(),
                    "outcome": each.outcome.value,
                    "checked": each.checked,
                    "why": each.why,
                }
                for each in self.steps
            ],
            "findings": [
                {"step": each.step.value, "subject": each.subject, "problem": each.problem}
                for each in self.findings
            ],
        }


def _shown(text: str) -> str:
    """*text* without what could play tricks on a terminal or in JSON, and not without end."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return "".join(sign if sign.isprintable() else _code(ord(sign)) for sign in cut)


def _code(number: int) -> str:
    """A sign as its code; a byte that is no text comes as one of 0x80 to 0xff."""
    return f"\\x{number - 0xDC00:02x}" if 0xDC80 <= number <= 0xDCFF else f"\\u{number:04x}"  # noqa: PLR2004
