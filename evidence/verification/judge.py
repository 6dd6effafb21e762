"""Carries out the thirteen steps on a package, a bare log or a receipt, and makes the report.

One rule: every step is run, in order, as far as it can be; what breaks in one is a finding of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import BinaryIO

import msgspec

from evidence.errors import LogBroken
from evidence.receipt import Receipt
from evidence.tiles import CHECKPOINT
from evidence.verification.acts import check_acts
from evidence.verification.anchors import NO_LOG
from evidence.verification.bag import DATA, check_bag, read_policy
from evidence.verification.case import Brought, Case, Told
from evidence.verification.checkpoint import believe, check_checkpoint
from evidence.verification.clips import check_openings, check_originals
from evidence.verification.completeness import check_completeness
from evidence.verification.dossiers import check_dossiers
from evidence.verification.entries import check_belongs, check_entries, check_log, check_receipt
from evidence.verification.files import Files, Prefixed, below
from evidence.verification.keeping import check_keeping
from evidence.verification.renditions import check_renditions
from evidence.verification.statement import check_statement
from evidence.verification.timestamps import STAMPS, check_stamps, check_time
from evidence.verification.verdict import (
    DONE,
    Claim,
    Ending,
    Finding,
    Open,
    Report,
    Step,
    StepResult,
    What,
    absent,
    impossible,
)

Check = Callable[[Case, Open], Ending]

_PACKAGE: Mapping[Step, Check] = {
    Step.POLICY: read_policy,
    Step.BAG: check_bag,
    Step.CHECKPOINT: check_checkpoint,
    Step.ENTRIES: check_entries,
    Step.STATEMENT: check_statement,
    Step.ACTS: check_acts,
    Step.OPENINGS: check_openings,
    Step.ORIGINALS: check_originals,
    Step.RENDITIONS: check_renditions,
    Step.KEEPING: check_keeping,
    Step.TIME: check_time,
    Step.COMPLETENESS: check_completeness,
    Step.DOSSIERS: check_dossiers,
}


def judge_package(files: Files, brought: Brought, told: Told) -> Report:
    """The report on the package in *files*; a zip file may hold it in one folder."""
    tops = {name.partition("/")[0] for name in files.names}
    if "bagit.txt" not in files.names and len(tops) == 1:
        files = Prefixed(files, tops.pop())
    case = Case(files=files, brought=brought, told=told, log=f"{DATA}log/")
    return _run(What.PACKAGE, case, _PACKAGE)


def judge_log(files: Files, brought: Brought, told: Told) -> Report:
    """The report on a bare log: ``checkpoint``, ``tile/…``, and what stamps it."""
    case = Case(files=files, brought=brought, told=told, log="")
    return _run(
        What.LOG,
        case,
        {
            Step.POLICY: read_policy,
            Step.CHECKPOINT: check_checkpoint,
            Step.ENTRIES: _check_bare,
            Step.ACTS: check_acts,
            Step.TIME: check_stamps,
        },
    )


def judge_receipt(receipt: bytes, entry: bytes, brought: Brought, told: Told) -> Report:
    """The report on a receipt (C2SP tlog-proof) and the entry that it is of."""
    case = Case(files=_Nothing(), brought=brought, told=told, log="")

    def check_note(case: Case, step: Open) -> Ending:
        with step.about("receipt"):
            case.note = Receipt.parse(receipt).note
        return believe(case, step, "receipt")

    def check_path(case: Case, step: Open) -> Ending:
        if case.checkpoint is None:
            return impossible("the receipt holds no checkpoint")
        step.checked = 1
        with step.about("receipt"):
            check_receipt(receipt, entry, Receipt.parse(receipt).index, case)
        return DONE if brought.anchor is None else NO_LOG

    checks: Mapping[Step, Check] = {
        Step.POLICY: read_policy,
        Step.CHECKPOINT: check_note,
        Step.ENTRIES: check_path,
    }
    return _run(What.RECEIPT, case, checks)


def _check_bare(case: Case, step: Open) -> Ending:
    """Step 4 of a bare log, in which nothing else may lie but time stamps, which are step 11's."""
    for name, why in case.files.refused:
        step.found(name, why)
    ending = check_log(case, step)
    stamps = frozenset(below(case.files.names, STAMPS))
    for name in sorted(case.files.names - {CHECKPOINT} - stamps):
        with step.about(name):
            check_belongs(case, name)
    return ending


def _run(what: What, case: Case, checks: Mapping[Step, Check]) -> Report:
    results: list[StepResult] = []
    findings: list[Finding] = []
    for number in Step:
        step = Open(step=number)
        ending = absent(f"a {what.value} has nothing for it")
        if number in checks:
            ending = impossible("it broke off")
            with step.about(number.name.lower()):
                ending = checks[number](case, step)
        results.append(step.result(ending))
        findings.extend(step.findings)
    return Report(what=what, steps=results, findings=findings, claim=_claim(case))


def _claim(case: Case) -> Claim | None:
    if case.statement is None or case.exported is None:
        return None
    return Claim(
        selection=msgspec.to_builtins(case.statement.selection),
        made=case.statement.made,
        clips=len(case.statement.clips),
        export=case.exported,
    )


class _Nothing:
    """No files: a receipt brings all it has."""

    names: frozenset[str] = frozenset()
    refused: tuple[tuple[str, str], ...] = ()

    def size(self, name: str) -> int:
        raise LogBroken(f"there is no file {name}")

    def open(self, name: str) -> BinaryIO:
        raise LogBroken(f"there is no file {name}")
