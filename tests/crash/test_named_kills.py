"""``kill -9`` at the beginning and at the end of every named step, station and archive.

The real command, in a process of its own, is killed there (see :mod:`tests.crash.launch`), with
new files on the card each time; what is left is looked at, and the next run begins from it.
"""

from __future__ import annotations

import inspect
import os
import random
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count as numbers_from
from pathlib import Path

import pytest

from evidence import durable
from evidence.errors import SetupError
from evidence.note import VerifierKey
from evidence.vault import Bucket, Vault
from evidence.vault.embedded import Engine
from evidence.vault.s3 import S3Settings, S3Vault
from station.enrol import pinned_log_key
from station.journal.journal import Journal
from tests.conftest import Count, new_agency
from tests.crash.invariants import Scene, unfinished, violations
from tests.crash.launch import Orders, code_of
from tests.crash.named import FIRST, LATE, NO_STEPS, STEPS
from tests.crash.nursery import Ended, Nursery, nursery

DEMO = ("demo", "--once", "--json", "--erase")
STAMP = 1_790_000_000_000_000_000
"""Every file's time, so that a file which comes back is the one it was."""

CHAIN = 6
"""Kills of one home, one after another, before it may run to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """Where one run ends."""

    step: str
    when: str
    nth: int = 1

    @property
    def orders(self) -> Orders:
        return Orders(kill=self.step, when=self.when, nth=self.nth)


@dataclass(slots=True, kw_only=True)
class Killed:
    """What kills showed."""

    kills: int = 0
    homes: int = 0
    reached: set[tuple[str, str]] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def add(self, other: Killed) -> None:
        self.kills += other.kills
        self.homes += other.homes
        self.reached |= other.reached
        self.problems += other.problems


@dataclass(slots=True, kw_only=True)
class Victim:
    """A home, its card, and what was ever put on it."""

    folder: Path
    nursery: Nursery
    vault: Vault
    environment: Mapping[str, str]
    put: dict[str, bytes] = field(default_factory=dict)

    def run(self, orders: Orders) -> Ended:
        """Put two new files on the card, and the first of all again, and run the command."""
        new = [f"cam-1/DCIM/{len(self.put) + more:03}.txt" for more in range(2)]
        self.put |= {name: f"{self.folder.name} {name}".encode() for name in new}
        for name in {next(iter(self.put)), *new}:
            file = self.folder / "docks" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(self.put[name])
            os.utime(file, ns=(STAMP, STAMP))
        where = ("--home", str(self.folder / "home"), "--cards", str(self.folder / "docks"))
        return self.nursery.run(orders, self.environment, *DEMO, *where)

    def scene(self) -> Scene | None:
        """What is left; None if the station never enrolled, so nothing can have gone."""
        try:
            key: VerifierKey = pinned_log_key(self.folder / "home" / "station")
        except SetupError:
            assert all((self.folder / "docks" / path).exists() for path in self.put)
            return None
        return Scene(
            home=self.folder / "home",
            docks=self.folder / "docks",
            put=self.put,
            vault=self.vault,
            log_key=key,
        )

    def die(self, chain: Sequence[Kill]) -> Killed:
        """Be killed again and again, then run to the end."""
        found = Killed(homes=1)
        for kill in chain:
            ended = self.run(kill.orders)
            if ended.code == -signal.SIGKILL:
                found.kills += 1
                found.reached.add((kill.step, kill.when))
            elif ended.code:
                found.problems.append(f"{kill}: exit code {ended.code}: {ended.said[-1500:]}")
            if (scene := self.scene()) is not None:
                found.problems += [f"{kill}: {problem}" for problem in violations(scene)]
        last = self.run(Orders())
        scene = self.scene()
        assert scene is not None, last.said
        wrong = violations(scene) + unfinished(scene, erased=True)
        if last.code or wrong:
            found.problems += [f"after {chain}: {last.code} {last.said[-1500:]}", *wrong]
        return found


Home = Callable[[Nursery], Victim]


@pytest.fixture
def new_home(tmp_path: Path, engine: Engine) -> Home:
    """Makes homes, each an installation of its own with a vault of its own."""
    numbers = numbers_from(1)

    def make(where: Nursery) -> Victim:
        folder = tmp_path / f"home-{next(numbers)}"
        folder.mkdir()
        agency = new_agency(engine)
        return Victim(
            folder=folder,
            nursery=where,
            vault=S3Vault(agency),
            environment=environment(agency, folder / "secret"),
        )

    return make


@pytest.fixture
def nurseries(tmp_path: Path) -> Iterator[Sequence[Nursery]]:
    """One for each core."""
    with ExitStack() as stack:
        yield [stack.enter_context(nursery(tmp_path / f"said-{each}")) for each in range(2)]


def environment(agency: S3Settings, secret: Path) -> Mapping[str, str]:
    """Settings that make a home use the run's one engine, as if it were somebody else's store."""
    durable.create(secret, agency.secret_key.encode(), mode=durable.PRIVATE)
    vault = {
        "KIND": "s3",
        "ENDPOINT": agency.endpoint,
        "ACCESS_KEY": agency.access_key,
        "SECRET_KEY_FILE": str(secret),
        "DURABILITY": str(agency.durability),
        **{bucket.upper(): agency.buckets[bucket] for bucket in Bucket},
    }
    station = {"RESCAN_SECONDS": "0.05", "SETTLE_SECONDS": "0.05"}
    return {f"EVIDOCK_VAULT_{key}": value for key, value in vault.items()} | {
        f"EVIDOCK_STATION_{key}": value for key, value in station.items()
    }


def chains(kills: Sequence[Kill]) -> Iterator[Sequence[Kill]]:
    """*kills* in groups, one for each home; those of a new home come first in theirs."""
    first = [kill for kill in kills if kill.step in FIRST]
    later = [kill for kill in kills if kill.step not in FIRST]
    while first or later:
        chain = [first.pop()] if first else []
        while later and len(chain) < CHAIN:
            chain.append(later.pop())
        yield sorted(chain, key=lambda kill: kill.step in LATE)


def kill_all(kills: Sequence[Kill], nurseries: Sequence[Nursery], new_home: Home) -> Killed:
    """Kill homes, one chain of kills each, in all *nurseries* at the same time."""
    waiting = iter(list(chains(kills)))
    found = Killed()

    def work(where: Nursery) -> None:
        for chain in waiting:
            found.add(new_home(where).die(chain))

    with ThreadPoolExecutor() as threads:
        for done in [threads.submit(work, where) for where in nurseries]:
            done.result()
    return found


def every_kill(seed: int) -> list[Kill]:
    """All named points, in an order of its own, each at an occurrence chosen by *seed*."""
    chance = random.Random(seed)
    kills = [
        Kill(step=step, when=when, nth=chance.randint(1, seed))
        for step in STEPS
        for when in ("enter", "leave")
    ]
    chance.shuffle(kills)
    return kills


def told(found: Killed) -> str:
    return (
        f"kills at named steps: {found.kills} kills of {found.homes} homes at "
        f"{len(found.reached)} points, {len(found.problems)} violations"
    )


def test_some_named_kills_lose_and_double_nothing(
    nurseries: Sequence[Nursery], new_home: Home, count: Count
) -> None:
    kills = [
        Kill(step="station.journal.journal:Journal.released", when="leave"),
        Kill(step="station.card:FolderCard.erase", when="leave"),
        Kill(step="archive.intake:_commit", when="leave"),
        Kill(step="ingest.vault_put:put", when="leave"),
    ]

    found = kill_all(kills, nurseries, new_home)

    count(told(found))
    assert found.problems == []
    assert found.kills == len(kills)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_kill_at_every_named_step_loses_and_doubles_nothing(
    seed: int, nurseries: Sequence[Nursery], new_home: Home, count: Count
) -> None:
    found = kill_all(every_kill(seed), nurseries, new_home)

    count(told(found))
    assert found.problems == []
    missed = {(kill.step, kill.when) for kill in every_kill(seed)} - found.reached
    assert seed > 1 or missed == set()


def test_every_verb_is_a_named_step_or_has_a_reason() -> None:
    verbs = {f"evidence.durable:{name}" for name in _public(durable, "evidence.durable")}
    verbs |= {f"station.journal.journal:Journal.{name}" for name in _public(Journal)}
    verbs |= {f"evidence.vault.s3:S3Vault.{name}" for name in _public(Vault)}

    assert verbs <= set(STEPS) | NO_STEPS.keys()
    assert not set(STEPS) & NO_STEPS.keys()


def test_every_named_step_exists() -> None:
    for name in (*STEPS, *NO_STEPS):
        assert code_of(name).co_name == name.rpartition(":")[2].rpartition(".")[2]


def _public(owner: object, module: str | None = None) -> list[str]:
    """The public functions of a class, or of a *module* that were written there."""
    return [
        name
        for name, value in inspect.getmembers(owner, callable)
        if not name.startswith("_")
        and not inspect.isclass(value)
        and (module is None or getattr(value, "__module__", None) == module)
    ]
