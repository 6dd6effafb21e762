"""The page of a receipt, set as a picture: what is printed can be scanned from the paper."""

from __future__ import annotations

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
import typst

from evidence.custody import EntryKind
from evidence.receipt import Proven, Receipt, verify_receipt
from evidence.receipt_code import restore
from evidence.wire import ClipDetail, ClipReceipt, ClipSummary, EntryShown
from evidock.receipt_page import act_of_station, contents, page, template
from evidock.receipts import why_no_page
from tests.evidence import large_log

pytestmark = pytest.mark.skipif(why_no_page() is not None, reason="fonts-noto-cjk is missing")


def told(witnesses: int) -> ClipReceipt:
    """A clip whose camera calls it as rudely as it can, in a log of 10^9 entries."""
    entry = large_log.entry().decode()
    acts = [
        EntryShown(index=at, kind=kind, at="", by="", who="", text=text)
        for at, kind, text in (
            (5, EntryKind.STATION_ACT.value, '{"n":4711}'),
            (large_log.INDEX, EntryKind.ARCHIVED.value, entry),
            (large_log.INDEX + 9, EntryKind.STATION_ACT.value, '{"n":4800}'),
        )
    ]
    summary = ClipSummary(
        id=json.loads(entry)["clip"],
        camera="A1",
        officer="P7 张伟",
        name=r'#read("/etc/passwd") *执法* $x$ \u{202e}' * 20,
        size=0,
        sha256="",
        clip_class="",
        state="",
        started=None,
        received="",
        important=False,
        incidents=[],
        rendition=None,
        has_thumbnail=False,
        acquisition="",
    )
    detail = ClipDetail(
        clock_offset_ms=None,
        latitude=None,
        longitude=None,
        vault=None,
        retain_until=None,
        summary=summary,
        path_hex="",
        station="",
        profile="",
        retain_rule=None,
        manifest_sha256=None,
        entries=acts,
        receipt=True,
    )
    proof = large_log.receipt(witnesses).decode()
    return ClipReceipt(clip=detail, entry=entry, proof=proof, policy=str(large_log.policy(5)))


def proven(receipt: ClipReceipt) -> Proven:
    proof, policy = receipt.proof.encode(), large_log.policy(5)
    held = verify_receipt(proof, receipt.entry.encode(), policy.logs)
    return replace(held, cosignatures=policy.said(Receipt.parse(proof).note))


@pytest.mark.parametrize("witnesses", [0, 3, 5])
def test_the_codes_on_the_paper_are_read_back(witnesses: int) -> None:
    receipt = told(witnesses)
    data = json.dumps(contents(receipt, proven(receipt), large_log.policy(5)))
    made = typst.Compiler(template()).compile(format="png", sys_inputs={"data": data}, ppi=300.0)
    assert made is not None
    sheets = made if isinstance(made, list) else [made]
    read: list[str] = []
    for sheet in sheets:
        picture = cv2.imdecode(np.frombuffer(sheet, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert picture is not None
        _, texts, _, _ = cv2.QRCodeDetectorAruco().detectAndDecodeMulti(picture)
        read += texts

    assert restore(read) == (large_log.receipt(witnesses), large_log.entry())


def test_the_page_is_the_same_for_the_same_receipt() -> None:
    receipt = told(3)
    first, again = (page(receipt, proven(receipt), large_log.policy(5)) for _ in range(2))

    assert first == again
    assert first.startswith(b"%PDF-")


def test_it_names_the_act_that_led_to_the_archive() -> None:
    assert act_of_station(told(0)) == "4711"


def test_nobody_is_said_to_have_seen_what_nobody_saw() -> None:
    receipt = told(0)
    groups = contents(receipt, proven(receipt), large_log.policy(5))["groups"]

    assert isinstance(groups, list)
    assert groups[2]["facts"][-1] == ("witness", "–")
