"""Step 6: each station signed its acts, with the key in its ``station.enrol`` entry.

One rule: an act is the station's only if the signature covers station, number and bytes; numbers
rise by the order of the log, and in a whole log none is missing.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from evidence.custody import EntryKind, station_act_message
from evidence.errors import LogBroken
from evidence.verification import facts
from evidence.verification.case import Case
from evidence.verification.proven import Proven
from evidence.verification.verdict import DONE, Ending, Open, impossible


def check_acts(case: Case, step: Open) -> Ending:
    """Step 6."""
    if case.proven is None:
        return impossible("without entries there are no acts to look at")
    keys = _keys(case.proven, step)
    last: dict[str, int] = {}
    indexes = case.proven.kinds.get(EntryKind.STATION_ACT.value, ())
    for index in indexes:
        case.told("checking station signatures", step.checked, len(indexes))
        step.checked += 1
        with step.about(f"entry {index}"):
            act = msgspec.json.decode(case.proven.raw(index), type=facts.Act)
            before = last.get(act.by, 0)
            last[act.by] = max(before, act.n)
            _check_act(act, keys)
            _check_number(act, before, is_whole=case.is_whole)
    _check_listed(case, keys, last, step)
    return DONE


def _keys(proven: Proven, step: Open) -> Mapping[str, tuple[int, Ed25519PublicKey]]:
    """Station -> where it was enrolled, and its key."""
    found: dict[str, tuple[int, Ed25519PublicKey]] = {}
    for index, raw in proven.of_kind(EntryKind.STATION_ENROLLED.value):
        with step.about(f"entry {index}"):
            told = msgspec.json.decode(raw, type=facts.Enrolled)
            if told.by in found:
                raise LogBroken(f"station {told.by} is enrolled a second time")
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(told.public_key))
            found[told.by] = (index, key)
    return found


def _check_act(act: facts.Act, keys: Mapping[str, tuple[int, Ed25519PublicKey]]) -> None:
    if act.by not in keys:
        raise LogBroken(f"no station.enrol entry names the key of station {act.by}")
    raw = act.act.encode("utf-8")
    message = station_act_message(act.by, act.n, raw)
    try:
        keys[act.by][1].verify(bytes.fromhex(act.signature), message)
    except InvalidSignature:
        raise LogBroken(f"act {act.n} is not signed by station {act.by}") from None
    facts.parse(raw)
    if msgspec.json.decode(raw, type=facts.Head).clip != act.clip:
        raise LogBroken(f"act {act.n} of station {act.by} is about another clip than its entry")


def _check_number(act: facts.Act, before: int, *, is_whole: bool) -> None:
    if act.n <= before:
        raise LogBroken(f"act {act.n} of station {act.by} comes after its act {before}")
    if is_whole and act.n != before + 1:
        missing = f"{before + 1}" if act.n == before + 2 else f"{before + 1} to {act.n - 1}"
        raise LogBroken(f"before act {act.n} of station {act.by} its act {missing} is missing")


def _check_listed(
    case: Case,
    keys: Mapping[str, tuple[int, Ed25519PublicKey]],
    acted: Mapping[str, int],
    step: Open,
) -> None:
    """The statement lists just the stations there are; of a selection, just those that acted."""
    if case.statement is None:
        return
    wanted = {name: index for name, (index, _) in keys.items() if index < case.statement.size}
    if not case.is_whole:
        wanted = {name: index for name, index in wanted.items() if name in acted}
    for name in sorted(set(wanted.items()) ^ set(case.statement.stations.items())):
        step.found(f"station {name[0]}", "statement and log differ in where it was enrolled")
