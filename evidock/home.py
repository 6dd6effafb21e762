"""A home: the one folder that holds everything of one installation, and its lock.

While a process holds the lock it is the only one that opens what lies inside; others ask it over
the control socket (:mod:`evidock.control`).  The kernel drops the lock when its holder dies, so a
killed process never locks anybody out.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evidence import durable
from evidence.errors import HomeBusy, SetupError, TemporaryError
from evidence.settings import Settings, load

_MARK = "evidock.home"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A person's name and password, printed in demo homes only."""

    name: str
    password: str


@dataclass(frozen=True, slots=True)
class Home:
    """Where everything lies under one home folder."""

    folder: Path

    @property
    def settings_file(self) -> Path:
        return self.folder / "evidock.toml"

    @property
    def vault(self) -> Path:
        return self.folder / "vault"

    @property
    def archive(self) -> Path:
        return self.folder / "archive"

    @property
    def station(self) -> Path:
        return self.folder / "station"

    @property
    def receipts(self) -> Path:
        return self.folder / "receipts"

    @property
    def public(self) -> Path:
        return self.folder / "public"

    @property
    def docks(self) -> Path:
        """The dock root used when no other is given."""
        return self.folder / "docks"

    @property
    def samples(self) -> Path:
        """Sample cards of a demo home that are not docked yet."""
        return self.folder / "samples"

    @property
    def sample_shift(self) -> Path:
        """When the sample shift of a demo home began."""
        return self.folder / "sample-shift.json"

    @property
    def simulation(self) -> Path:
        """What a home of simulated cameras is told by; such a home keeps no evidence, ever."""
        return self.folder / "simulation.txt"

    @property
    def is_simulated(self) -> bool:
        """Whether footage of simulated cameras is kept here, and nothing else may be."""
        return self.simulation.exists()

    @property
    def socket(self) -> Path:
        return self.folder / "control.sock"

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever kept here."""
        return not (self.folder / _MARK).exists()

    def settings(self) -> Settings:
        """The settings of this home with the environment laid over them."""
        return load(self.settings_file, os.environ)

    def prepare(self) -> None:
        """Make the folder if need be, and mark it as a home.

        SetupError if it holds things that are not ours: nothing is ever mixed into them.
        """
        self._make_folder()
        self.mark()

    def mark(self) -> None:
        """Say that everything a home needs lies in the folder: what was cut off before is none."""
        self.folder.chmod(0o700)
        durable.create_same(self.folder / _MARK, b"evidock home, layout 1\n")

    def existing(self) -> Home:
        """This home, or SetupError if there is none here."""
        if self.is_new:
            raise SetupError(
                f"{self.folder} is no Evidock home",
                advice="Name the home with --home; `evidock demo` or `evidock up` makes a new one.",
            )
        return self

    def demo_login(self, *, make: bool) -> Login | None:
        """The login of a demo home; with *make* it becomes one."""
        path = self.folder / "demo-login.json"
        if path.exists():
            return Login(**json.loads(path.read_text(encoding="utf-8")))
        if not make:
            return None
        login = Login(name="reviewer", password=secrets.token_urlsafe(12))
        text = json.dumps({"name": login.name, "password": login.password})
        durable.create(path, text.encode("utf-8"), mode=durable.PRIVATE)
        return login

    def _make_folder(self, beside: frozenset[str] = frozenset()) -> None:
        if self.is_new and self.folder.is_dir() and not self._holds_only_our_beginnings(beside):
            raise SetupError(
                f"{self.folder} is not empty and is no Evidock home",
                advice="Give an empty or new folder with --home.",
            )
        try:
            durable.make_folder(self.folder)
            if self.is_new and os.access(self.folder.parent, os.R_OK | os.W_OK):
                durable.sync_folder(self.folder.parent)  # a killed run may have made it just now
        except (OSError, TemporaryError) as error:
            raise SetupError(
                f"{self.folder} cannot be made a home: {error}",
                advice="Name a folder with --home that you may write to.",
            ) from error

    def _holds_only_our_beginnings(self, beside: frozenset[str]) -> bool:
        """An earlier run may have been killed before it wrote the mark; settings may come first."""
        ours = {"lock", self.settings_file.name, self.sample_shift.name, _MARK}
        ours.add(self.simulation.name)
        names = {entry.name.removesuffix(durable.PART) for entry in self.folder.iterdir()}
        return names <= ours | beside

    @contextmanager
    def locked(self, beside: frozenset[str] = frozenset()) -> Iterator[None]:
        """Hold the home; HomeBusy if another process does.

        A folder that is no home yet may hold what is named *beside*, such as a vault.
        """
        self._make_folder(beside)
        handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise HomeBusy(f"another Evidock process is running on {self.folder}") from None
            yield
        finally:
            os.close(handle)
