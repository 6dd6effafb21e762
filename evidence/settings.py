"""Typed settings: one TOML file, overridden by the environment.

Every key has its default and its meaning here, those of vaults in :mod:`evidence.vault.settings`;
``docs/settings.md`` is printed from both.
``EVIDOCK_<SECTION>_<KEY>`` in the environment overrides ``key`` in ``[section]``.  An unknown
section or key, or a value of the wrong type, refuses to start, naming file (or variable) and key.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Literal, cast

import msgspec
from msgspec import Meta

from evidence.coverage_settings import CoverageSettings
from evidence.errors import SetupError
from evidence.feed_settings import FeedSettings
from evidence.mail_settings import MailSettings, NoticesSettings, Port
from evidence.review_settings import FindingsSettings, ReviewSettings
from evidence.vault.settings import SecondVaultSettings, VaultSettings

ENV_PREFIX = "EVIDOCK_"
FEEDS = "feeds"
"""The one part that is a list of tables; no variable lays anything over it."""

Count = Annotated[int, Meta(ge=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencySettings:
    """[agency]: one trust domain, with its own log, buckets and keys."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{1,28}[a-z0-9]$")] = "demo"
    """Short name in object keys and bucket names: 3 to 30 of a-z, 0-9 and hyphen."""
    origin: Annotated[str, Meta(pattern=r"^[^\s\x00-\x1f+]+\Z")] = "evidock.invalid/demo"
    """Origin line of the log's checkpoints: a name the agency owns, no scheme, blank or plus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSettings:
    """[archive]: the long-term keeper."""

    host: str = "127.0.0.1"
    """Address the archive's API listens on."""
    port: Port = 0
    """Its port; 0 takes a free one and prints it."""
    database: str = ""
    """Address of a PostgreSQL database for the catalogue, no password in it; empty: SQLite."""
    database_password_file: str = ""
    """File that holds its password; readable by its owner only.  Empty: PGPASSFILE, or none."""
    standby: bool = False
    """PostgreSQL: wait while another archive has the database, and take its place when it ends."""
    law_pack: str = "default"
    """The law that footage is kept by: the name of one in ``law_packs/``, or a file of your own."""
    rule_sets: tuple[str, ...] = ()
    """Files of the agency's own rules, in the same form; they can only keep footage for longer."""
    floor_days: Annotated[int, Meta(ge=30, le=3650)] = 30
    """Days that any footage is kept at least, where the law pack would allow less; 30 or more."""
    lease_days: Annotated[int, Meta(ge=30, le=90)] = 90
    """Days that a lock is renewed for; shorter ones let footage go sooner once nothing needs it."""
    notice_days: Annotated[int, Meta(ge=7, le=365)] = 14
    """Days that people know of a clip's end before it may be destroyed; 7 or more."""
    restore_days: Annotated[int, Meta(ge=7, le=365)] = 7
    """Days in which an approved disposal can still be withdrawn; 7 or more."""
    disposals_per_mille: Annotated[int, Meta(ge=1, le=50)] = 1
    """Of a thousand clips, how many a day may be destroyed; 31-day rules need about 40."""
    incident_feed: str = ""
    """CSV file, or folder of CSV files, of dispatch incidents; watched.  Empty: none."""
    link_buffer_seconds: Annotated[int, Meta(ge=0)] = 300
    """How far outside a dispatch window a recording may start and still be linked."""
    canary_hours: Annotated[float, Meta(gt=0, le=24)] = 24
    """Hours between two canaries that prove the vault; a failed one stops intake."""
    fixity_days: Annotated[float, Meta(gt=0, le=90)] = 30
    """Days in which a round reads all originals back, if the store is that fast; or it is late."""
    fixity_mb_per_second: Annotated[float, Meta(ge=0)] = 0
    """Megabytes a second that rounds read at most, of both vaults together; 0: no limit."""
    also_sm3: bool = False
    """In the rounds, take SM3 (GB/T 32905) of originals that have none, and put it on record."""
    public_log: bool = False
    """Whether anybody may read the log's files at ``/log/``; else stations and signed-in staff."""
    utc_offset_minutes: Annotated[int, Meta(ge=-840, le=840)] = 0
    """How far a day begins before that of UTC, for exports of an officer's day (China: 480)."""
    session_minutes: Annotated[int, Meta(ge=1, le=30)] = 30
    """Idle minutes after which a person must sign in again (CJIS AC-11: 30 at most)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSettings:
    """One physical slot of a rack."""

    at: Annotated[str, Meta(min_length=1, max_length=255)]
    """What the dock calls it: ``usb 1-2.3``, or the name of a folder in the dock root."""
    label: Annotated[str, Meta(max_length=12)] = ""
    """What is written beside it; empty: its number in the order of the rack, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StationSettings:
    """[station]: a collection workstation."""

    name: str = "station-1"
    """What people call this workstation."""
    host: str = "127.0.0.1"
    """Address of the officers' board."""
    port: Port = 0
    """Its port; 0 takes a free one and prints it."""
    parallel_pulls: Count = 4
    """Cards that are read at the same time; the others wait their turn."""
    parallel_uploads: Count = 2
    """Clips that are sent at the same time."""
    pull_limit_mb_per_second: Annotated[float, Meta(ge=0)] = 0
    """Megabytes a second that all cards together are read with; 0: as fast as they give them."""
    priority_slots: tuple[str, ...] = ()
    """Slots, as the dock knows them (``usb 1-2``), whose cards are read before those of others."""
    upload_limit_mbit_per_second: Annotated[float, Meta(ge=0)] = 0
    """Megabits a second that all uploads together may take; 0: no limit."""
    upload_hours: str = ""
    """When clips are sent, such as ``20:00-06:00``; important ones always are.  Empty: always."""
    time_zone: str = ""
    """Whose clock those hours are read on, such as ``Asia/Shanghai``; empty: this machine's."""
    warn_days: Annotated[float, Meta(ge=0)] = 3
    """Warn when this station's disk would last fewer days than this without the archive."""
    parallel_renditions: Count = 1
    """Renditions that are made at the same time; each uses two to three cores."""
    rescan_seconds: Annotated[float, Meta(gt=0)] = 1.0
    """How often the docks are looked at even if nothing was reported."""
    also_sm3: bool = False
    """Take SM3 (GB/T 32905) beside SHA-256 of all that is read from cameras; entries hold both."""
    settle_seconds: Annotated[float, Meta(ge=0)] = 1.0
    """A file is copied only after it has kept size and time so long, by our clock or its card's."""
    camera_utc_offset_minutes: Annotated[int, Meta(ge=-840, le=840)] = 0
    """What a camera's clock shows at UTC 00:00, for names that carry no time zone."""
    profiles: str = ""
    """Folder with camera profiles of your own, read after the ones that come with the product."""
    profile_keys: tuple[str, ...] = ()
    """Verifier keys (``name+hash+base64``): use only what one signed; empty: nothing is checked."""
    shipped_profiles: tuple[str, ...] = ()
    """With ``profile_keys``: shipped profiles that need no signature, by id; ``*``: all of them."""
    usb: bool = False
    """Take in cameras at USB ports, too (docs/usb.md)."""
    image_failing_cards: bool = True
    """Copy a card at a USB port as an image first, once a read of it fails (docs/usb.md)."""
    mount_other_cards: bool = False
    """Let the kernel mount, for reading only, disks at USB ports that hold ext4, NTFS or UDF."""
    camera_passwords: str = ""
    """File of lines ``profile = "password"``: what cameras on USB are logged in to with."""
    set_camera_clocks: bool = False
    """Set a USB camera's clock that is off, once it was read; ``false``: it is only read."""
    set_clocks_beyond_seconds: Annotated[float, Meta(ge=1)] = 5.0
    """How far a camera's clock may be off before it is set."""
    write_officers: bool = False
    """Write to a USB camera the officer whom it is assigned to for good (docs/usb.md)."""
    slots: tuple[SlotSettings, ...] = ()
    """The rack's slots in order, each ``{at, label}``; ``evidock station slots`` prints them."""
    safe_when: Literal["verified", "archived"] = "verified"
    """When a camera may be taken: its files are on this station's disk, or in the archive."""
    assignment: Literal["none", "fixed", "pool", "badge"] = "none"
    """Who wears which camera: said by nobody; ``fixed`` for good; ``pool``: also from docking to
    docking, by command; ``badge``: also by the officer's badge at the board."""
    ready_charge: Annotated[int, Meta(ge=0, le=100)] = 0
    """Percent of charge that a camera needs to be handed out; 0: its charge does not matter."""
    full_charge_minutes: Annotated[float, Meta(ge=0)] = 0
    """How long this dock takes to fill an empty camera, to reckon its charge; 0: not reckoned."""
    erase_cards: bool = False
    """Erase each file from its card once an erase proof stands; ``false``: cards are only read."""
    erase_witnesses: Annotated[int, Meta(ge=0, le=100)] = 0
    """How many witnesses must have seen what allows an erase; 0: none (docs/release.md)."""
    policy: str = ""
    """C2SP tlog-policy file: log and witness keys; empty: as the archive told at enrolment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisSettings:
    """[axis]: the station as content destination of Axis body worn systems (docs/axis.md)."""

    enabled: bool = False
    """Open this door of the station."""
    host: str = "127.0.0.1"
    """Address it listens on; any but loopback needs a certificate and its key."""
    port: Port = 0
    """Its port; 0 takes a free one, which no connection file can name."""
    url: str = ""
    """Where System Controllers reach it (``https://evidence.example:8444``); empty: host, port."""
    certificate_file: str = ""
    """Certificate (PEM) that they are shown, and that the connection file hands them."""
    key_file: str = ""
    """Its private key (PEM); readable by its owner only.  Empty: something before us ends TLS."""
    container: Literal["mkv", "mp4"] = "mp4"
    """What controllers wrap video in: ``mp4`` or ``mkv``."""
    parallel_uploads: Count = 4
    """Objects taken in at the same time; a controller that comes with more is told to wait."""
    patience_seconds: Annotated[float, Meta(gt=0)] = 60.0
    """How long a controller may send nothing in the middle of an object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSettings:
    """[media]: how cameras' files are opened, at the station and in the archive."""

    cage: Literal["required", "when-possible"] = "when-possible"
    """``required``: open no media but in a bubblewrap cage; renditions wait until there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerSettings:
    """[player]: the reviewers' window."""

    host: str = "127.0.0.1"
    """Address the player listens on."""
    port: Port = 0
    """Its port; 0 takes a free one and prints it."""
    language: Literal["en", "zh"] = "en"
    """Language shown before a reader chooses: ``en`` or ``zh``."""
    log_key: str = ""
    """Verifier key of the log for readers' browsers; empty: the archive's word, remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessesSettings:
    """[witnesses]: who else sees how the agency's log grows (docs/witnesses.md)."""

    policy: str = ""
    """C2SP tlog-policy file: witnesses with keys and URLs, and their quorum.  Empty: none."""
    every_seconds: Annotated[float, Meta(gt=0)] = 60.0
    """Seconds between two times that they are asked to cosign what the log has become."""
    patience_seconds: Annotated[float, Meta(gt=0)] = 5.0
    """How long one may take to answer."""
    ca_file: str = ""
    """Certificate authority (PEM) of their URLs, if it is not a public one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampsSettings:
    """[timestamps]: an authority that says when the log's head was there (RFC 3161)."""

    url: str = ""
    """Where it answers.  Empty: none is asked."""
    ca_file: str = ""
    """Certificate (PEM) that its answers must verify with."""
    every_hours: Annotated[float, Meta(gt=0)] = 24.0
    """Hours between two time stamps."""
    patience_seconds: Annotated[float, Meta(gt=0)] = 10.0
    """How long it may take to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of one home."""

    agency: AgencySettings = field(default_factory=AgencySettings)
    vault: VaultSettings = field(default_factory=VaultSettings)
    second_vault: SecondVaultSettings = field(default_factory=SecondVaultSettings)
    archive: ArchiveSettings = field(default_factory=ArchiveSettings)
    station: StationSettings = field(default_factory=StationSettings)
    axis: AxisSettings = field(default_factory=AxisSettings)
    media: MediaSettings = field(default_factory=MediaSettings)
    player: PlayerSettings = field(default_factory=PlayerSettings)
    witnesses: WitnessesSettings = field(default_factory=WitnessesSettings)
    timestamps: TimestampsSettings = field(default_factory=TimestampsSettings)
    mail: MailSettings = field(default_factory=MailSettings)
    notices: NoticesSettings = field(default_factory=NoticesSettings)
    review: ReviewSettings = field(default_factory=ReviewSettings)
    findings: FindingsSettings = field(default_factory=FindingsSettings)
    feeds: tuple[FeedSettings, ...] = ()
    """The tables ``[[feeds]]``."""
    coverage: CoverageSettings = field(default_factory=CoverageSettings)


def load(file: Path | None, environment: Mapping[str, str]) -> Settings:
    """The settings in *file* (may be None or absent) with the *environment* laid over them.

    Raises SetupError naming file or variable, and key, for anything unknown or mistyped.
    """
    sections = _read(file)
    listed = sections.pop(FEEDS, ())
    known = {part.name for part in fields(Settings) if part.name != FEEDS}
    for section in sections:
        if section not in known:
            raise SetupError(f"{file}: there is no section [{section}]; known: {sorted(known)}")
    _overlay(sections, environment, known)
    made = {name: _section(name, sections.get(name, {}), file) for name in known}
    return msgspec.convert({**made, FEEDS: _feeds(listed, file)}, Settings)


def _read(file: Path | None) -> dict[str, dict[str, object]]:
    if file is None or not file.exists():
        return {}
    try:
        parsed = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"{file} is not TOML: {error}") from error
    for name, value in parsed.items():
        if not isinstance(value, dict) and name != FEEDS:
            raise SetupError(f"{file}: {name} stands outside a [section]")
    return cast("dict[str, dict[str, object]]", parsed)


def _overlay(
    sections: dict[str, dict[str, object]], environment: Mapping[str, str], known: set[str]
) -> None:
    """Lay EVIDOCK_<SECTION>_<KEY> variables over what the file said."""
    for variable, text in environment.items():
        if not variable.startswith(ENV_PREFIX):
            continue
        name = variable.removeprefix(ENV_PREFIX).lower()
        section = next((each for each in known if name.startswith(f"{each}_")), "")
        key = name.removeprefix(f"{section}_")
        if section not in known or key not in _keys(section):
            raise SetupError(f"environment variable {variable} names no setting")
        sections.setdefault(section, {})[key] = text


def _section_type(section: str) -> type:
    return cast("type", next(f for f in fields(Settings) if f.name == section).default_factory)


def _keys(section: str) -> set[str]:
    return {entry.name for entry in fields(_section_type(section))}


def _feeds(listed: object, file: Path | None) -> tuple[FeedSettings, ...]:
    known = {entry.name for entry in fields(FeedSettings)}
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict) and (unknown := each.keys() - known):
            raise SetupError(f"{file}: [[{FEEDS}]] has no key {min(unknown)!r}")
    try:
        return msgspec.convert(listed, tuple[FeedSettings, ...], strict=False)
    except msgspec.ValidationError as error:
        raise SetupError(f"{file}: [[{FEEDS}]] {error}") from error


def _section(section: str, values: Mapping[str, object], file: Path | None) -> object:
    unknown = values.keys() - _keys(section)
    if unknown:
        raise SetupError(f"{file}: [{section}] has no key {min(unknown)!r}")
    try:
        return msgspec.convert(dict(values), _section_type(section), strict=False)
    except msgspec.ValidationError as error:
        raise SetupError(f"{file or 'environment'}: [{section}] {error}") from error
