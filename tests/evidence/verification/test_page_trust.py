"""What the page says where it is not sure: unchecked words, renditions that nobody compared."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from playwright.sync_api import Browser

from evidence.cosignature import KeyCosigner
from evidence.note import signature_line
from evidence.verification.case import Brought
from evidence.verification.folder import Folder
from evidence.verification.judge import judge_package
from evidence.verification.verdict import Report, Step, Verdict
from tests.evidence.verification.browser import opened, verify
from tests.packages.house import BAR, COURT, LOG, NOON, POLICY, House, house
from tests.packages.writing import bagged, put, selected
from tests.player.browser import Desk, chromium

pytestmark = pytest.mark.browser
PQ = KeyCosigner("pq.example/w", MLDSA44PrivateKey.from_seed_bytes(bytes([9] * 32)))
OTHER = KeyCosigner("pq.example/w", MLDSA44PrivateKey.from_seed_bytes(bytes([8] * 32)))
BEYOND = POLICY.replace("group", f"witness pq {PQ.key}\ngroup")
"""Its quorum does without the one whom no browser can check."""
NEEDED = BEYOND.replace("all court bar", "all court bar pq")
NOBODY = f"log {LOG.key}\nquorum none\n"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def desk(browser: Browser, tmp_path: Path) -> Iterator[Desk]:
    desk = opened(browser, tmp_path)
    yield desk
    desk.page.context.close()


def judged(folder: Path, policy: str) -> Report:
    brought = Brought(policy=policy.encode(), now=NOON + timedelta(days=1))
    return judge_package(Folder(folder), brought, lambda *_: None)


def step_of(desk: Desk, number: Step) -> str:
    return desk.page.inner_text(f"#steps [data-step='{number}']")


def impostor() -> bytes:
    """A word under the name and key id of :data:`PQ` that it did not say."""
    return signature_line(PQ.key.name, PQ.key.key_id, bytes(8 + 2420))


def with_word(folder: Path, line: bytes) -> Path:
    """A package of the first clip whose checkpoint, in receipts too, carries *line* as well."""
    selected(house(), folder, (0,))
    for path in (folder / "data/log/checkpoint", *folder.glob("data/entries/*.tlog-proof")):
        put(path, path.read_bytes() + line)
    return bagged(folder)


@pytest.mark.parametrize("policy", [BEYOND, NEEDED])
def test_a_false_word_that_no_browser_can_check_is_not_passed_over(
    desk: Desk, tmp_path: Path, policy: str
) -> None:
    package = with_word(tmp_path / "package", impostor())

    seen = verify(desk, package, policy)

    assert judged(package, policy).verdict is Verdict.FALSE
    assert (seen.verdict, seen.steps[2]) == ("consistent", "not done")
    assert "could not check the ML-DSA-44 cosignature of pq.example/w" in seen.said
    head = desk.page.inner_text("#head")
    assert head.index("pq.example/w") > head.index("Not checked by this page")
    assert desk.page.query_selector("[data-play]") is None


@pytest.mark.parametrize("policy", [BEYOND, NEEDED])
def test_a_true_word_that_no_browser_can_check_stays_open_there(
    desk: Desk, tmp_path: Path, policy: str
) -> None:
    package = selected(house(), tmp_path / "package", witnesses=(COURT, BAR, PQ))

    seen = verify(desk, package, policy)
    desk.page.click("#language")

    assert judged(package, policy).verdict is Verdict.GENUINE
    assert (seen.verdict, seen.findings) == ("consistent", [])
    assert "本页无法检查 pq.example/w 的 ML-DSA-44 联署" in desk.page.inner_text("#verdict")
    assert "evidock verify" in step_of(desk, Step.CHECKPOINT)


@pytest.mark.parametrize(
    "line",
    [
        signature_line(PQ.key.name, PQ.key.key_id, bytes(8 + 64)),
        signature_line(PQ.key.name, PQ.key.key_id, b"\xff" * 8 + bytes(2420)),
        signature_line(PQ.key.name, PQ.key.key_id, bytes(3)),
    ],
)
def test_what_can_be_no_such_word_is_false_at_once(desk: Desk, tmp_path: Path, line: bytes) -> None:
    package = with_word(tmp_path / "package", line)

    assert judged(package, BEYOND).verdict is Verdict.FALSE
    assert {number for number, _ in verify(desk, package, BEYOND).findings} == {Step.CHECKPOINT}


def test_an_unchecked_word_never_makes_up_for_one_that_is_missing(
    desk: Desk, tmp_path: Path
) -> None:
    package = selected(house(), tmp_path / "package", witnesses=(COURT, PQ))

    assert verify(desk, package, NEEDED).verdict == "false"


def test_a_word_under_a_key_that_the_policy_does_not_know_is_nobodys(
    desk: Desk, tmp_path: Path
) -> None:
    package = selected(house(), tmp_path / "package", witnesses=(COURT, BAR, OTHER))

    assert judged(package, BEYOND).verdict is Verdict.GENUINE
    assert verify(desk, package, BEYOND).verdict == "genuine"


@pytest.mark.parametrize("witnesses", [(), (COURT,)])
def test_a_policy_without_witnesses_says_that_nobody_had_to_see_it(
    desk: Desk, tmp_path: Path, witnesses: tuple[KeyCosigner, ...]
) -> None:
    policy = NOBODY.replace("quorum", f"witness court {COURT.key}\nquorum")
    package = selected(house(), tmp_path / "package", witnesses=witnesses)

    seen = verify(desk, package, policy)

    why = judged(package, policy).steps[Step.CHECKPOINT - 1].why
    assert why.startswith("the policy demands no witnesses: nobody outside has to have seen")
    assert why.endswith("its witnesses 1 did") == bool(witnesses)
    assert seen.verdict == "genuine"
    assert why in step_of(desk, Step.CHECKPOINT)
    desk.page.click("#language")
    assert "策略不要求见证人" in step_of(desk, Step.CHECKPOINT)


def test_where_witnesses_are_demanded_it_says_how_many_saw_it(desk: Desk, tmp_path: Path) -> None:
    package = selected(house(), tmp_path / "package")

    verify(desk, package, POLICY)

    why = judged(package, POLICY).steps[Step.CHECKPOINT - 1].why
    assert why == "witnesses of the policy that saw it: 2"
    assert why in step_of(desk, Step.CHECKPOINT)


WORDS = {
    None: ("not compared with the original", "未与原件比对"),
    "derive.verified": ("compared with the original by the archive: the same", "画面与声音相同"),
    "derive.compared": ("a likeness", "相似件"),
    "derive.refused": ("not what the original holds", "与原件不符"),
}


@pytest.mark.parametrize("kind", WORDS)
def test_a_rendition_says_whether_it_was_compared(
    desk: Desk, tmp_path: Path, kind: str | None
) -> None:
    made = house()
    if kind is not None:
        made.compare(made.clips[0], kind)
    package = selected(made, tmp_path / "package", (0,))
    assert verify(desk, package, POLICY).verdict == "genuine"
    desk.page.click("details:first-of-type summary")

    for words in WORDS[kind]:
        assert words in desk.page.inner_text("[data-compared]")
        desk.page.click("#language")
        desk.page.click("details:first-of-type summary")
    plays = desk.page.query_selector("[data-play^=renditions]") is not None
    assert plays == (kind != "derive.refused")


def test_its_last_word_counts_and_pictures_made_for_showing_are_never_compared(
    desk: Desk, tmp_path: Path
) -> None:
    made = house()
    renamed(made)
    made.compare(made.clips[0], "derive.verified")
    made.compare(made.clips[0], "derive.refused")
    package = selected(made, tmp_path / "package", (0,))

    verify(desk, package, POLICY)

    script = (
        "() => [...document.querySelectorAll('[data-compared]')].map((e) => e.dataset.compared)"
    )
    assert desk.page.evaluate(script) == ["differs", "no"]
    why = judged(package, POLICY).steps[Step.RENDITIONS - 1].why
    assert why.endswith("with the original: 1 of 1 (1 not what the original holds)")
    assert why in step_of(desk, Step.RENDITIONS)


def renamed(made: House) -> None:
    """The first clip's second object is a thumbnail."""
    clip = made.clips[0]
    raw = made.entries[clip.derived]
    made.entries[clip.derived] = raw.replace(b"segments.json", b"thumbnail.jpg")
    clip.objects["thumbnail.jpg"] = clip.objects.pop("segments.json")


def test_step_9_counts_what_was_compared(desk: Desk, tmp_path: Path) -> None:
    made = house()
    made.compare(made.clips[0], "derive.verified")
    made.compare(made.clips[3], "derive.compared")
    package = selected(made, tmp_path / "package", (0, 3, 4))

    verify(desk, package, POLICY)

    why = judged(package, POLICY).steps[Step.RENDITIONS - 1].why
    wanted = "renditions that the archive compared with the original: 2 of 3"
    assert why == f"{wanted} (1 the same, 1 a likeness)"
    assert why in step_of(desk, Step.RENDITIONS)
    desk.page.click("#language")
    assert "档案方与原件比对过的派生件：3 个中的 2 个" in step_of(desk, Step.RENDITIONS)
