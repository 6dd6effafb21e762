"""Random harm to a tree of files, from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

Harm = Callable[[random.Random, Sequence[Path]], str]


def mutate(seed: int, paths: Sequence[Path]) -> str:
    """Do one thing to some of *paths* that changes the tree; what it was."""
    chance = random.Random(seed)
    before = _tree(paths)
    while True:
        said = HARMS[seed % len(HARMS)](chance, paths)
        if _tree(paths) != before:
            return said


def _tree(paths: Sequence[Path]) -> list[tuple[str, bytes]]:
    top = paths[0].parents[len(paths[0].parents) - 1]
    folders = {path.parent for path in paths}
    found = {path for folder in folders for path in folder.iterdir() if path.is_file()}
    return [(str(path.relative_to(top)), path.read_bytes()) for path in sorted(found)]


def flip(chance: random.Random, paths: Sequence[Path]) -> str:
    path = _one(chance, paths)
    data = bytearray(path.read_bytes())
    place = chance.randrange(len(data))
    data[place] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    return f"flip a bit of byte {place} of {path.name}"


def set_byte(chance: random.Random, paths: Sequence[Path]) -> str:
    path = _one(chance, paths)
    data = bytearray(path.read_bytes())
    place = chance.randrange(len(data))
    data[place] = chance.randrange(256)
    path.write_bytes(data)
    return f"set byte {place} of {path.name}"


def cut(chance: random.Random, paths: Sequence[Path]) -> str:
    path = _one(chance, paths)
    data = path.read_bytes()
    length = chance.randrange(len(data))
    path.write_bytes(data[:length])
    return f"cut {path.name} to {length} of {len(data)} bytes"


def append(chance: random.Random, paths: Sequence[Path]) -> str:
    path = _one(chance, paths)
    more = chance.choice([b"\n", b" ", b"\x00", path.read_bytes()[-40:]])
    path.write_bytes(path.read_bytes() + more)
    return f"append {more!r} to {path.name}"


def drop_bytes(chance: random.Random, paths: Sequence[Path]) -> str:
    path = _one(chance, paths)
    data = path.read_bytes()
    place = chance.randrange(len(data))
    path.write_bytes(data[:place] + data[place + chance.randint(1, 40) :])
    return f"drop bytes of {path.name} from {place}"


def swap_lines(chance: random.Random, paths: Sequence[Path]) -> str:
    path = _one(chance, paths)
    lines = path.read_bytes().split(b"\n")
    a, b = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    path.write_bytes(b"\n".join(lines))
    return f"swap lines {a} and {b} of {path.name}"


def swap_files(chance: random.Random, paths: Sequence[Path]) -> str:
    one, other = chance.sample(list(paths), 2)
    a, b = one.read_bytes(), other.read_bytes()
    one.write_bytes(b)
    other.write_bytes(a)
    return f"swap {one.name} and {other.name}"


def delete(chance: random.Random, paths: Sequence[Path]) -> str:
    path = chance.choice(paths)
    path.unlink()
    return f"delete {path.name}"


def duplicate(chance: random.Random, paths: Sequence[Path]) -> str:
    path = chance.choice(paths)
    copy = path.with_name(f"{path.stem}-{chance.randrange(100)}{path.suffix}")
    copy.write_bytes(path.read_bytes())
    return f"copy {path.name} to {copy.name}"


def rename(chance: random.Random, paths: Sequence[Path]) -> str:
    path = chance.choice(paths)
    path.rename(path.with_name(path.name + chance.choice(["~", ".bak", "x"])))
    return f"rename {path.name}"


HARMS: Sequence[Harm] = (
    flip,
    set_byte,
    flip,
    cut,
    append,
    drop_bytes,
    swap_lines,
    swap_files,
    delete,
    duplicate,
    rename,
)


def _one(chance: random.Random, paths: Sequence[Path]) -> Path:
    return chance.choice([path for path in paths if path.stat().st_size])
