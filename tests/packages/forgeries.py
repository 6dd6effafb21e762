"""Forged packages, each with the step that must name the fault.

Two kinds of forgers: one who holds the package (and writes its BagIt files anew, so that nothing
shallow gives the forgery away), and one who also runs the log and signs whatever they like.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec

from evidence.canonical import canonical
from evidence.custody import Entry, EntryKind
from evidence.package import Selection, manifest_path, original_path, rendition_path
from evidence.receipt import Receipt
from tests.packages import fallen, gone, insiders, misfiled, writing
from tests.packages.house import COURT, OTHER_LOG, House, house
from tests.packages.writing import bagged, exported, put, selected, whole

Forge = Callable[[Path], object]
FORGERIES: dict[str, tuple[int, Forge]] = {}
"""Name -> the step that must name it, and what writes the forged package into a folder."""


def forgery(step: int) -> Callable[[Forge], Forge]:
    def add(made: Forge) -> Forge:
        FORGERIES[made.__name__] = (step, made)
        return made

    return add


for _step, _forge in (*insiders.FORGED, *fallen.FORGED, *gone.FORGED, *misfiled.FORGED):
    forgery(_step)(_forge)


def flip(path: Path, place: int = 20) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def change(path: Path, **more: object) -> None:
    """Change fields of a JSON file, which stays canonical."""
    path.write_bytes(canonical(json.loads(path.read_bytes()) | more))


@forgery(2)
def flipped_original_and_nothing_else(folder: Path) -> None:
    clip = house().clips[0]
    selected(house(), folder)
    flip(folder / "data" / original_path(clip.manifest.sha256, clip.ending))


@forgery(8)
def flipped_original(folder: Path) -> None:
    flipped_original_and_nothing_else(folder)
    bagged(folder)


@forgery(7)
def another_officer(folder: Path) -> None:
    clip = house().clips[0]
    selected(house(), folder)
    path = folder / "data" / manifest_path(clip.id)
    openings = json.loads(path.read_bytes())["openings"]
    openings["officer"]["value_hex"] = b"6666".hex()
    change(path, openings=openings)
    bagged(folder)


@forgery(7)
def opening_that_does_not_open(folder: Path) -> None:
    """The archive took a manifest in that does not open what the station committed to."""
    made = house()
    index, clip = _archived(made)
    openings = json.loads(clip)["commitments"] | {"officer": "00" * 32}
    made.entries[index] = canonical(json.loads(clip) | {"commitments": openings})
    selected(made, folder)


@forgery(4)
def changed_entry(folder: Path) -> None:
    selected(house(), folder)
    change(folder / f"data/entries/{_archived(house())[0]}.json", retain_rule="other")
    bagged(folder)


@forgery(4)
def flipped_receipt_path(folder: Path) -> None:
    selected(house(), folder)
    path = folder / f"data/entries/{_archived(house())[0]}.tlog-proof"
    receipt = Receipt.parse(path.read_bytes())
    hashes = (*receipt.path[1:], receipt.path[0])
    put(path, Receipt(index=receipt.index, path=hashes, note=receipt.note).text)
    bagged(folder)


@forgery(3)
def flipped_checkpoint(folder: Path) -> None:
    whole(house(), folder)
    path = folder / "data/log/checkpoint"
    text = path.read_bytes().split(b"\n")
    text[1] = str(int(text[1]) - 1).encode()
    put(path, b"\n".join(text))
    bagged(folder)


@forgery(4)
def flipped_tile(folder: Path) -> None:
    whole(house(), folder)
    flip(folder / "data/log/tile/0/000")
    bagged(folder)


@forgery(4)
def flipped_bundle(folder: Path) -> None:
    whole(house(), folder)
    path = folder / "data/log/tile/entries/000"
    put(path, path.read_bytes().replace(b'"clip.pulled', b'"clip.pullet', 1))
    path.write_bytes(path.read_bytes().replace(b"retain_rule", b"retain_rulf", 1))
    bagged(folder)


@forgery(5)
def dropped_clip(folder: Path) -> None:
    """The clip is gone, and the statement was written anew without it."""
    made = house()
    whole(made, folder)
    path = folder / "data/statement.json"
    told = json.loads(path.read_bytes())
    change(path, clips=told["clips"][1:])
    _remove(folder, made)
    bagged(folder)


@forgery(8)
def dropped_files_of_a_clip(folder: Path) -> None:
    made = house()
    whole(made, folder)
    _remove(folder, made)
    bagged(folder)


@forgery(5)
def added_file(folder: Path) -> None:
    selected(house(), folder)
    put(folder / "data/originals/extra.mp4", b"not ours")
    bagged(folder)


@forgery(2)
def added_file_beside_the_bag(folder: Path) -> None:
    selected(house(), folder)
    put(folder / "READ ME FIRST.html", b"all is well")
    bagged(folder)


@forgery(6)
def reordered_acts(folder: Path) -> None:
    made = house()
    first, second = _acts(made)[:2]
    made.entries[first], made.entries[second] = made.entries[second], made.entries[first]
    whole(made, folder)


@forgery(6)
def renumbered_act(folder: Path) -> None:
    made = house()
    index = _acts(made)[1]
    fields = json.loads(made.entries[index])
    made.entries[index] = canonical(fields | {"n": fields["n"] + 1})
    selected(made, folder)


@forgery(6)
def left_out_act(folder: Path) -> None:
    """The log's owner put something harmless where an act of a station had been."""
    made = house()
    made.entries[_acts(made)[-2]] = made.entries[5]
    whole(made, folder)


@forgery(6)
def act_signed_by_another(folder: Path) -> None:
    made = house()
    index = _acts(made)[0]
    told = Entry(made.entries[index]).fields
    made.stations[0].key = made.stations[1].key
    signed = made.signed(made.stations[0], 1, str(told["act"]).encode())
    made.entries[index] = signed.raw
    whole(made, folder)


@forgery(3)
def wrong_log_key(folder: Path) -> None:
    selected(house(), folder, signer=OTHER_LOG)


@forgery(3)
def missing_cosignature(folder: Path) -> None:
    selected(house(), folder, witnesses=(COURT,))


@forgery(3)
def forked_log(folder: Path) -> None:
    """Another history, signed by the log's true key, under cosignatures of the true one."""
    made, other = house(), house()
    other.entries[40] = made.entries[41]
    whole(other, folder)
    writing.exported(made, writing.state(made, made.clips, Selection(kind="all")))
    signed, seen = other.checkpoint(witnesses=()), made.checkpoint()
    put(folder / "data/log/checkpoint", signed + b"".join(seen.splitlines(keepends=True)[-2:]))
    bagged(folder)


@forgery(5)
def statement_of_another_package(folder: Path) -> None:
    selected(house(), folder / "other", (0,))
    selected(house(), folder / "ours")
    shutil.copy(folder / "other/data/statement.json", folder / "ours/data/statement.json")
    for path in folder.joinpath("ours").iterdir():
        path.rename(folder / path.name)
    shutil.rmtree(folder / "other")
    (folder / "ours").rmdir()
    bagged(folder)


@forgery(9)
def flipped_rendition(folder: Path) -> None:
    clip = house().clips[0]
    selected(house(), folder)
    flip(folder / "data" / rendition_path(clip.id, clip.derived, "segments.json"), 3)
    bagged(folder)


@forgery(10)
def lock_that_can_be_lifted(folder: Path) -> None:
    made = house()
    index, raw = _archived(made)
    made.entries[index] = raw.replace(b"COMPLIANCE", b"GOVERNANCE")
    selected(made, folder)


@forgery(10)
def disposed_of_without_a_word(folder: Path) -> None:
    made = house()
    statement = writing.state(made, made.clips, Selection(kind="all"))
    first, *others = statement.clips
    gone = msgspec.structs.replace(
        first, original=None, manifest=None, without="disposed", renditions=[]
    )
    statement = msgspec.structs.replace(statement, clips=[gone, *others])
    exported(made, statement)
    writing._payload(made, folder, statement, made.clips[1:])
    writing.log(made, folder / "data/log")
    bagged(folder)


@forgery(12)
def withheld_clip(folder: Path) -> None:
    """Whoever took the package out left a clip out of the statement, too."""
    made = house()
    statement = writing.state(made, made.clips[:-1], Selection(kind="all"))
    exported(made, statement)
    writing._payload(made, folder, statement, made.clips[:-1])
    writing.log(made, folder / "data/log")
    bagged(folder)


@forgery(12)
def withheld_clip_of_a_day(folder: Path) -> None:
    """Whoever took an officer's day out left a clip out of the statement."""
    made = house()
    theirs = [clip for clip in made.clips if clip.subject == made.clips[0].subject]
    writing.officer_day(made, folder, theirs[1:])


@forgery(12)
def census_that_counts_too_little(folder: Path) -> None:
    """The archive forgot a clip in its census."""
    made = house(until=5)
    hidden = made.clips.pop()
    made.take_census()
    made.clips.append(hidden)
    whole(made, folder)


@forgery(7)
def another_reason(folder: Path) -> None:
    """What opens an entry, written anew with a claim of the forger's own."""
    whole(house(), folder)
    change(next(folder.joinpath("data/openings").iterdir()), columns={"name": "Dock 2"})
    bagged(folder)


@forgery(7)
def dropped_record_of_an_export(folder: Path) -> None:
    whole(house(), folder)
    next(folder.joinpath("data/exports").iterdir()).unlink()
    bagged(folder)


@forgery(5)
def opening_of_another_entry(folder: Path) -> None:
    whole(house(), folder)
    next(folder.joinpath("data/openings").iterdir()).rename(folder / "data/openings/1.json")
    bagged(folder)


@forgery(12)
def nobodys_day_that_is_another(folder: Path) -> None:
    """The absence that is shown is of another day."""
    made = house()
    writing.nobodys_day(made, folder)
    path = next(folder.joinpath("data/completeness").iterdir())
    change(path, asked=json.loads(path.read_bytes())["asked"] | {"day": "2026-11-19"})
    bagged(folder)


@forgery(12)
def census_shown_for_somebody_else(folder: Path) -> None:
    made = house()
    writing.officer_day(made, folder)
    path = next(folder.joinpath("data/completeness").iterdir())
    told = json.loads(path.read_bytes())
    change(path, asked=told["asked"] | {"officer": "6666"})
    bagged(folder)


@forgery(4)
def receipts_under_an_older_checkpoint(folder: Path) -> None:
    made = house()
    selected(made, folder)
    made.record("view", "p-1")
    put(folder / "data/log/checkpoint", made.checkpoint())
    bagged(folder)


@forgery(2)
def link_to_a_file_outside(folder: Path) -> None:
    clip = house().clips[0]
    selected(house(), folder)
    path = folder / "data" / original_path(clip.manifest.sha256, clip.ending)
    put(folder.with_name("outside"), path.read_bytes())
    path.unlink()
    path.symlink_to(folder.with_name("outside"))


def _archived(made: House) -> tuple[int, bytes]:
    """The ``archive.verified`` entry of the first clip."""
    index = made.clips[0].archived
    return index, made.entries[index]


def _acts(made: House) -> list[int]:
    """Numbers of the entries that sequence acts of the first station."""
    kind, by = EntryKind.STATION_ACT, made.stations[0].id
    fields = [Entry(raw).fields for raw in made.entries]
    return [i for i, each in enumerate(fields) if (each["kind"], each["by"]) == (kind, by)]


def _remove(folder: Path, made: House) -> None:
    clip = made.clips[0]
    (folder / "data" / original_path(clip.manifest.sha256, clip.ending)).unlink()
    (folder / "data" / manifest_path(clip.id)).unlink()
    shutil.rmtree(folder / "data" / "renditions" / clip.id)
