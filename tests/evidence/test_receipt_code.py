from __future__ import annotations

import base64
import gzip
import hashlib
import io
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from evidence.errors import LogBroken
from evidence.receipt_code import MOST_TEXT, codes, restore
from tests.evidence import large_log

ENTRY = large_log.entry()


def scanned(text: str) -> str:
    """What OpenCV reads out of a picture of the code of *text*."""
    drawn = io.BytesIO()
    segno.make_qr(text, error="l", boost_error=False).save(drawn, kind="png", scale=6, border=4)
    picture = cv2.imdecode(np.frombuffer(drawn.getvalue(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    return cv2.QRCodeDetectorAruco().detectAndDecode(picture)[0]


def rewritten(data: bytes) -> list[str]:
    """The only code of packed *data*, as somebody else may write it."""
    packed = data + bytes(-len(data) % 5)
    mark = hashlib.sha256(packed).hexdigest()[:8].upper()
    return [f"EVIDOCK:PROOF:1:1/1:{mark}:{base64.b32encode(packed).decode()}"]


@pytest.mark.parametrize(("witnesses", "number"), [(0, 3), (1, 3), (3, 3), (5, 4)])
def test_a_receipt_of_a_log_of_10_9_entries_is_scanned_back(witnesses: int, number: int) -> None:
    receipt = large_log.receipt(witnesses)
    texts = codes(receipt, ENTRY)

    assert len(texts) == number
    assert {segno.make_qr(text, error="l").version for text in texts} <= {18, 19, 20}
    assert restore(map(scanned, reversed(texts))) == (receipt, ENTRY)


@given(st.binary(max_size=4000), st.binary(max_size=3000))
def test_any_bytes_come_back(receipt: bytes, entry: bytes) -> None:
    entry = entry.replace(b"\n", b"")
    texts = codes(receipt, entry)

    assert restore([f" {text.lower()} \r" for text in [*texts, texts[0]]]) == (receipt, entry)
    assert all(len(text) <= MOST_TEXT + 40 for text in texts)


def test_the_tools_of_any_unix_undo_it(tmp_path: Path) -> None:
    """The very line that the page and ``docs/receipts.md`` print."""
    receipt = large_log.receipt(5)
    (tmp_path / "codes.txt").write_text("\n".join(reversed(codes(receipt, ENTRY))) + "\n")
    line = "sort -t / -k 1.17n codes.txt | cut -d : -f 6 | tr -d '\\n' | base32 -d | gunzip"
    undone = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, check=True)

    assert undone.stdout == ENTRY + b"\n" + receipt
    assert line in " ".join(Path("evidock/receipt.typ").read_text().replace("\\\\", "\\").split())


@pytest.mark.parametrize("place", range(3))
def test_a_code_that_lacks_is_named(place: int) -> None:
    texts = codes(large_log.receipt(3), ENTRY)
    del texts[place]

    with pytest.raises(LogBroken, match=f"of 3 codes there lack: {place + 1}"):
        restore(texts)


def test_codes_of_two_receipts_are_not_put_together() -> None:
    first, other = (codes(large_log.receipt(number), ENTRY) for number in (1, 3))

    with pytest.raises(LogBroken, match="codes of 2 receipts"):
        restore([*first[:2], other[2]])
    with pytest.raises(LogBroken, match="two different codes 1"):
        restore([first[0], other[0]])


def test_a_letter_that_was_misread_is_noticed() -> None:
    texts = codes(large_log.receipt(3), ENTRY)
    for place in range(30, len(texts[1]), 97):
        letter = "A" if texts[1][place] != "A" else "B"
        with pytest.raises(LogBroken, match="mark differs"):
            restore([texts[0], texts[1][:place] + letter + texts[1][place + 1 :], texts[2]])


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], "of 0 receipts"),
        (["https://evil.example"], "no code of a receipt"),
        (["EVIDOCK:PROOF:1:1/1:00000000:AAAA1"], "no code of a receipt"),
        (["EVIDOCK:PROOF:1:1/1:00000000:ABC"], "cannot be unpacked"),
        (rewritten(b"no gzip"), "cannot be unpacked"),
        (rewritten(gzip.compress(bytes(10**7))), "something else"),
        (rewritten(gzip.compress(b"a\nb") + gzip.compress(b"c")), "something else"),
        (rewritten(gzip.compress(b"a\nb")[:-4]), "something else"),
    ],
)
def test_what_is_no_receipt_is_refused(lines: list[str], why: str) -> None:
    with pytest.raises(LogBroken, match=why):
        restore(lines)


def test_an_entry_of_two_lines_is_none() -> None:
    with pytest.raises(ValueError, match="no line feed"):
        codes(b"receipt", b"a\nb")
