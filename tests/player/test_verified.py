"""What you watch is verified: the browser refuses whatever is not what the signed log names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser

from evidence.custody import EntryKind
from evidence.note import FileSigner, open_note, sign_note
from evidence.receipt import Receipt
from evidence.segments import SegmentList
from tests.player.browser import READY, Desk, chromium
from tests.player.meddler import Meddler, flip
from tests.player.window import Window

pytestmark = pytest.mark.browser
CLIP = "b_frames.mp4"
Proofs = dict[str, object]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def desk(browser: Browser, window: Window) -> Iterator[Desk]:
    made = Desk.at(browser)
    made.sign_in(window.url, "rita")
    yield made
    made.page.unroute_all(behavior="ignoreErrors")  # a meddler may still be at work
    made.page.context.close()
    assert [c for c in made.complaints if "Failed to load resource" not in c] == []


@pytest.fixture
def meddler(desk: Desk) -> Meddler:
    return Meddler(page=desk.page)


@pytest.fixture(scope="module")
def segments(browser: Browser, window: Window) -> SegmentList:
    """Of the clip that is meddled with."""
    desk = Desk.at(browser)
    desk.sign_in(window.url, "rita")
    seen: list[bytes] = []

    def see(body: bytes) -> bytes:
        seen.append(body)
        return body

    Meddler(page=desk.page).change("**/segments.json", see)
    desk.page.goto(window.clip_url(CLIP))
    desk.poll(lambda: bool(seen), "the list of segments")
    found = SegmentList.parse(seen[0])
    desk.page.unroute_all(behavior="ignoreErrors")
    desk.page.context.close()
    return found


def opened(desk: Desk, window: Window, sample: str = CLIP) -> None:
    desk.page.goto(window.clip_url(sample))


def failed(desk: Desk, word: str) -> None:
    """The player says *word* and cannot be played."""
    desk.until(f"() => document.querySelector('evidence-player').dataset.failed === '{word}'")
    assert desk.page.is_disabled("[data-act=play]")
    assert desk.page.evaluate("() => document.querySelector('video').buffered.length") == 0


def chain(desk: Desk) -> dict[str, str]:
    """The state of each link in the panel."""
    return dict(
        desk.page.evaluate(
            "() => [...document.querySelectorAll('.chain li')]"
            ".map((row) => [row.dataset.link, row.dataset.state])"
        )
    )


def refusals(window: Window, sample: str = CLIP) -> list[dict[str, object]]:
    """The clip's refusals on record."""
    details = {each.summary.id: each for each in window.run(window.archive.clips())}
    entries = details[window.clips[sample]].entries
    return [json.loads(e.text) for e in entries if e.kind == EntryKind.VIEW_REFUSED]


def test_the_panel_shows_the_whole_chain(desk: Desk, window: Window, segments: SegmentList) -> None:
    opened(desk, window)
    desk.until(READY)
    desk.page.keyboard.press("v")
    assert desk.page.evaluate("() => document.activeElement.id") == "verify-title"
    assert desk.page.get_attribute("[data-act=verify]", "aria-expanded") == "true"
    desk.page.click("[data-act=whole]")
    total = len(segments.segments)
    desk.until(
        "() => document.querySelector('.verify .verified-count').value"
        f" === '{total}/{total} segments verified'"
    )

    assert set(chain(desk).values()) == {"proven"}
    text = desk.page.inner_text(".verify")
    clip = next(c for c in window.run(window.archive.clips())
                if c.summary.id == window.clips[CLIP])  # fmt: skip
    assert clip.vault is not None
    for value in (clip.summary.sha256, clip.vault.version_id, segments.root.hex(),
                  window.archive.verifier_key):  # fmt: skip
        assert value in text


def test_what_was_encoded_anew_is_called_a_likeness(desk: Desk, window: Window) -> None:
    opened(desk, window, "mjpeg.avi")
    desk.until(READY)
    desk.page.click("[data-act=verify]")

    assert chain(desk)["compared"] == "likeness"
    assert "Re-encoded for viewing" in desk.page.inner_text("[data-link=compared]")


def test_one_flipped_bit_is_refused_named_marked_and_put_on_record(
    desk: Desk, window: Window, meddler: Meddler, segments: SegmentList
) -> None:
    bad = segments.segments[2]
    meddler.change("**/media.mp4", flip, at=bad.offset)

    opened(desk, window)
    desk.until(READY)
    desk.page.click("[data-act=verify]")
    desk.page.click("[data-act=whole]")
    desk.until("() => document.querySelector('.refusals li')?.dataset.entry > 0")

    last = bad.offset + bad.length - 1
    assert f"bytes {bad.offset} to {last} of media.mp4" in desk.page.inner_text(".refusals")
    assert desk.page.evaluate("() => document.querySelectorAll('.refused-marks span').length") == 1
    assert chain(desk)["segment"] == "failed"
    told = refusals(window)[-1]
    assert (told["offset"], told["length"]) == (bad.offset, bad.length)
    assert told["expected"] == {"sha256": bad.sha256.hex}
    assert told["found"] != told["expected"]


def test_the_rest_stays_playable_and_playback_stops_before_the_hole(
    desk: Desk, window: Window, meddler: Meddler, segments: SegmentList
) -> None:
    meddler.change("**/media.mp4", flip, at=segments.segments[2].offset)
    opened(desk, window)
    desk.until(READY)
    assert desk.number() == 0

    desk.page.keyboard.press("g")
    desk.page.fill("dialog.go-to input", "3.2")
    desk.page.keyboard.press("Enter")
    desk.until("() => document.querySelector('evidence-player').dataset.frame > 90")
    desk.page.click("[data-act=play]")

    desk.until("() => !document.querySelector('[data-act=beyond]').hidden")
    assert desk.page.evaluate("() => document.querySelector('video').paused")
    assert "was refused" in desk.page.inner_text(".message")
    assert desk.number() < 120  # the hole begins at frame 120
    desk.page.click("[data-act=beyond]")
    desk.until("() => document.querySelector('evidence-player').dataset.frame >= 240")
    assert desk.number() == 240


def swapped(body: bytes) -> bytes:
    """The playlist, its last two ranges exchanged."""
    lines = body.decode().split("\n")
    places = [n for n, line in enumerate(lines) if line.startswith("#EXT-X-BYTERANGE")]
    lines[places[-1]], lines[places[-2]] = lines[places[-2]], lines[places[-1]]
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("index.m3u8", swapped),
        ("segments.json", lambda body: body.replace(b'"length":', b'"length": ', 1)),
        ("segments.json", lambda _body: bytes(1 << 20)),
        ("frames.json", flip),
    ],
    ids=["swapped playlist", "altered manifest", "huge manifest", "frame table"],
)
def test_a_file_that_is_not_the_one_on_record_is_refused_and_nothing_plays(
    desk: Desk, window: Window, meddler: Meddler, name: str, change: Callable[[bytes], bytes]
) -> None:
    before = len(refusals(window))
    meddler.change(f"**/{name}", change)

    opened(desk, window)

    desk.until("() => document.querySelector('evidence-player').dataset.failed === 'refused_file'")
    assert desk.page.is_disabled("[data-act=play]")
    desk.until("() => document.querySelector('.refusals li')?.dataset.entry > 0")
    assert f"Refused: {name}" in desk.page.inner_text(".refusals")
    assert len(refusals(window)) == before + 1


def test_a_first_part_that_is_not_the_one_on_record_is_refused(
    desk: Desk, window: Window, meddler: Meddler
) -> None:
    meddler.change("**/media.mp4", flip, at=0)

    opened(desk, window)

    failed(desk, "refused_file")


def test_segments_of_another_clip_and_short_ones_are_refused(
    desk: Desk, window: Window, meddler: Meddler, segments: SegmentList
) -> None:
    bad = segments.segments[1:3]
    meddler.change("**/media.mp4", lambda body: body[:-1], at=bad[0].offset)
    meddler.change("**/media.mp4", lambda body: bytes(reversed(body)), at=bad[1].offset)

    opened(desk, window)

    desk.until("() => document.querySelectorAll('.refusals li').length === 2")
    assert bad[0].length - 1 in {told["received"] for told in refusals(window)}


def test_an_answer_that_never_ends_is_refused_by_its_first_bytes(
    desk: Desk, window: Window, meddler: Meddler, segments: SegmentList
) -> None:
    bad = segments.segments[-2]
    meddler.change("**/media.mp4", lambda body: body + bytes(1_000_000), at=bad.offset)

    opened(desk, window)

    desk.until("() => document.querySelector('.refusals li')?.dataset.entry > 0")
    told = refusals(window)[-1]
    assert (told["offset"], told["received"]) == (bad.offset, bad.length + 1)


def test_a_check_of_all_segments_that_the_archive_leaves_unanswered_stops_nothing_else(
    desk: Desk, window: Window
) -> None:
    opened(desk, window)
    desk.until(READY)
    desk.until("() => document.querySelector('video').readyState === 4")
    desk.page.click("[data-act=verify]")
    desk.page.route("**/media.mp4", lambda route: route.abort())
    desk.page.click("[data-act=whole]")

    desk.until("() => !document.querySelector('.message').hidden")
    assert "stopped" in desk.page.inner_text(".message")
    assert desk.page.get_attribute("evidence-player", "data-failed") is None
    desk.page.click("[data-act=play]")
    desk.until("() => document.querySelector('video').currentTime > 0.2")


def link(proofs: Proofs, name: str) -> dict[str, object]:
    return next(e for e in proofs["entries"] if e["link"] == name)  # type: ignore[attr-defined]


def take_receipt_of_another(proofs: Proofs) -> None:
    link(proofs, "derived")["receipt"] = link(proofs, "archive")["receipt"]


def take_entry_of_another(proofs: Proofs) -> None:
    link(proofs, "derived").update({**link(proofs, "archive"), "link": "derived"})


def alter_the_root(proofs: Proofs) -> None:
    entry = link(proofs, "derived")
    entry["text"] = str(entry["text"]).replace('"segment_root":"', '"segment_root":"0')


def forge_the_signature(proofs: Proofs) -> None:
    entry = link(proofs, "derived")
    entry["receipt"] = signed_by_another(str(entry["receipt"]).encode()).decode()


def leave_out_the_archive(proofs: Proofs) -> None:
    proofs["entries"] = [link(proofs, "derived")]


def signed_by_another(text: bytes) -> bytes:
    """The same receipt, its checkpoint signed by a key of the same name."""
    receipt = Receipt.parse(text)
    name = receipt.note.split(b"\n", 1)[0].decode()
    signer = FileSigner(name, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    body = receipt.note.rpartition(b"\n\n")[0].decode() + "\n"
    note = sign_note(body, signer)
    open_note(note, [signer.key])
    return Receipt(index=receipt.index, path=receipt.path, note=note).text


@pytest.mark.parametrize(
    "lie",
    [
        take_receipt_of_another,
        take_entry_of_another,
        alter_the_root,
        forge_the_signature,
        leave_out_the_archive,
    ],
)
def test_a_proof_that_does_not_hold_stops_everything(
    desk: Desk, window: Window, meddler: Meddler, lie: Callable[[Proofs], None]
) -> None:
    meddler.proofs(lie)

    opened(desk, window)

    failed(desk, "false_proof")


def test_an_old_rendition_with_its_own_true_proof_is_refused(
    desk: Desk, window: Window, meddler: Meddler
) -> None:
    """Replayed: proofs of another clip, which hold, and its media with them."""
    other = window.clips["cfr.mp4"]
    proofs = desk.page.request.get(f"{window.url}/clips/{other}/provenance").body()
    meddler.change("**/provenance", lambda _body: proofs)

    opened(desk, window)

    failed(desk, "false_proof")


def test_another_log_key_than_before_is_refused_until_the_reader_accepts_it(
    desk: Desk, window: Window, meddler: Meddler
) -> None:
    opened(desk, window)
    desk.until(READY)
    other = FileSigner("evidock.example/window", Ed25519PrivateKey.from_private_bytes(bytes(32)))

    meddler.proofs(lambda proofs: proofs.update(log_key=str(other.key)))
    opened(desk, window)

    failed(desk, "key_changed")
    assert str(other.key) in desk.page.inner_text(".message")
    desk.page.click("[data-act=trust]")
    failed(desk, "false_proof")  # the key is accepted; what it should have signed it has not


def test_what_is_not_signed_for_yet_is_said_to_be_not_yet_proven(
    desk: Desk, window: Window, meddler: Meddler
) -> None:
    meddler.proofs(lambda proofs: link(proofs, "derived").update(receipt=None))

    opened(desk, window)

    failed(desk, "not_proven")
    assert "Not yet proven" in desk.page.inner_text(".message")


def test_without_tls_the_page_says_that_tls_is_required(browser: Browser, window: Window) -> None:
    """Plain http under a host name: browsers give such a page no Web Crypto."""
    desk = Desk.at(browser)
    desk.sign_in(window.url, "rita")
    host = window.url.replace("127.0.0.1", "evidock.test")
    cookies = [
        {"name": c["name"], "value": c["value"], "url": host} for c in desk.page.context.cookies()
    ]
    desk.page.context.add_cookies(cookies)  # type: ignore[arg-type]

    desk.page.goto(f"{host}/clips/{window.clips[CLIP]}")

    failed(desk, "needs_tls")
    assert "https" in desk.page.inner_text(".message")
    desk.page.context.close()


def test_a_segment_refused_twice_is_on_record_once(
    desk: Desk, window: Window, meddler: Meddler, segments: SegmentList
) -> None:
    meddler.change("**/media.mp4", flip, at=segments.segments[-1].offset)
    for _ in range(2):
        opened(desk, window)
        desk.until("() => document.querySelector('.refusals li')?.dataset.entry > 0")

    offset = segments.segments[-1].offset
    assert sum(told["offset"] == offset for told in refusals(window)) == 1


def test_the_answer_of_the_page_and_of_our_own_code_agree_on_the_proofs(
    desk: Desk, window: Window
) -> None:
    answer = desk.page.request.get(f"{window.clip_url(CLIP)}/provenance")

    told = msgspec.json.decode(answer.body())

    assert told["log_key"] == window.archive.verifier_key
    assert [each["link"] for each in told["entries"]] == ["dock", "archive", "compared", "derived"]
