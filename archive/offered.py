"""What a station offers, checked before anything is done about it.

An offer tells facts in the clear, with openings; both must be what the station committed to in its
own signed journal when it found the clip, and the manifest that opens them is made of them alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import get_args

from archive.catalogue.catalogue import Transaction
from archive.catalogue.offers import Offer
from archive.catalogue.stations import signed_of
from evidence.acquisition import Acquisition, fits
from evidence.clip import ClipClass
from evidence.clock import unstamp
from evidence.commitment import Opening, check_opening
from evidence.digest import Sha256
from evidence.errors import DigestMismatch, Refused
from evidence.manifest import Manifest, OpeningName
from evidence.wire import ClipOffer, OpeningSent

CLIP_ID = re.compile(r"c-[0-9a-f]{32}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_PATH = re.compile(r"([0-9a-f]{2}){1,16384}")  # 64 names of 255 bytes each
_LONGEST = 512
_LONGEST_OFFSET = 10**14
"""Milliseconds: some three thousand years, more than any camera clock is wrong by."""
_NO_ORIGINAL = frozenset({ClipClass.PARTIAL, ClipClass.REFUSED})
_OPENINGS = frozenset(get_args(OpeningName))
_MUST_BE_TOLD = frozenset({"imported_by", "import_reason"})
_OF_IMPORTS = _MUST_BE_TOLD | {"import_source", "import_sha256"}


def well_formed(told: ClipOffer) -> None:
    """ValueError naming the field that no offer may hold."""
    wrong = {
        "clip": CLIP_ID.fullmatch(told.clip) is None,
        "sha256": _DIGEST.fullmatch(told.sha256) is None,
        "sm3": told.sm3 is not None and _DIGEST.fullmatch(told.sm3) is None,
        "path_hex": _PATH.fullmatch(told.path_hex) is None,
        "size": not 0 <= told.size < 2**53,
        "clip_class": ClipClass(told.clip_class) in _NO_ORIGINAL,
        "camera": not 0 < len(told.camera) <= _LONGEST,
        "officer": told.officer is not None and not 0 < len(told.officer) <= _LONGEST,
        "profile": len(told.profile) > _LONGEST,
        "latitude": len(told.latitude or "") > _LONGEST,
        "longitude": len(told.longitude or "") > _LONGEST,
        "openings": not _OPENINGS.issuperset(told.openings),
        "clock_offset_ms": abs(told.clock_offset_ms or 0) > _LONGEST_OFFSET,
        "acquisition": not fits(Acquisition(told.acquisition), told.camera, told.profile),
        "openings.imported_by": _lacks_importer(told),
    }
    for name, is_wrong in wrong.items():
        if is_wrong:
            raise ValueError(f"$.{name}: not a value an offer may hold")
    if told.started is not None:
        unstamp(told.started)
    openings(told)


def openings(told: ClipOffer) -> dict[str, Opening]:
    """The openings *told*, parsed; ValueError if one is not hexadecimal or its salt is short."""
    return {name: _opening(sent) for name, sent in told.openings.items()}


def check(tx: Transaction, station: str, told: ClipOffer) -> None:
    """Refused unless facts, openings and what the station itself signed agree.

    A commitment binds once its act is in the record; the manifest is committed to in any case.
    """
    held = openings(told)
    for name, value in _facts(told).items():
        if name not in held or held[name].value != value:
            raise Refused(
                f"the opening of {name!r} does not hold what the offer of {told.clip} says"
            )
    signed = signed_of(tx, station, told.clip)
    for name in held.keys() & signed.commitments.keys():
        _must_open(name, held[name], signed.commitments[name])
    if others := signed.acquisitions - {told.acquisition}:
        raise Refused(
            f"the offer says that {told.clip} was {told.acquisition}, and the station's own journal"
            f" that it was {' and '.join(sorted(others))}"
        )


def manifest(offer: Offer) -> Manifest:
    """The sidecar manifest of an offered clip."""
    return Manifest(
        clip=offer.clip,
        sha256=offer.sha256,
        size=offer.told.size,
        openings=openings(offer.told),
    )


def _lacks_importer(told: ClipOffer) -> bool:
    """Whether an imported clip does not say who handed it in, and why, or another one does."""
    here = _OF_IMPORTS & told.openings.keys()
    if told.acquisition != Acquisition.IMPORTED.value:
        return bool(here)
    texts = [bytes.fromhex(told.openings[name].value_hex).decode("utf-8") for name in here]
    given = told.openings.get("import_sha256")
    if given is not None and not _DIGEST.fullmatch(bytes.fromhex(given.value_hex).decode("utf-8")):
        return True
    return not here >= _MUST_BE_TOLD or not all(0 < len(text) <= _LONGEST for text in texts)


def _facts(told: ClipOffer) -> Mapping[str, bytes]:
    """The facts of an offer that must have an opening, as the bytes that were committed to."""
    facts = {"path": bytes.fromhex(told.path_hex), "camera": told.camera.encode()}
    if told.officer is not None:
        facts["officer"] = told.officer.encode()
    if told.started is not None:
        facts["started"] = told.started.encode()
    return facts


def _opening(sent: OpeningSent) -> Opening:
    return Opening.from_wire({"salt": sent.salt, "value_hex": sent.value_hex})


def _must_open(name: str, opening: Opening, committed: Sha256) -> None:
    try:
        check_opening(name, opening, committed)
    except DigestMismatch as error:
        raise Refused(
            str(error), advice="Offer the clip with the openings of its commitments."
        ) from error
