"""What is kept at a station for cameras: signed settings and firmware, and who is to get them.

One rule: a signature is verified when a file is taken in, and again with the bytes that are used.
A file is one folder, ``ID/content`` and ``ID/note``; an order is one file, one for each camera.
All of it blocks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from evidence import durable
from evidence.digest import Sha256
from evidence.errors import LogBroken, SetupError
from evidence.note import VerifierKey
from evidence.settings import StationSettings
from station.change import LONGEST, Supply, What, settings_in
from station.signed import Kind, keys_of, opened, see_same

FOLDER = "supplies"
"""Its name in the station's folder."""
_ORDERS, _CONTENT, _NOTE = "orders", "content", "note"
_LONGEST_NOTE = 64 << 10
_ID = re.compile(r"[0-9a-f]{16}")
_SIGN = "Sign it: evidock profiles sign --as config|firmware --profile NAME --from V --to V FILE"


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person wants one camera to get one supply, once."""

    camera: str
    """Its number, as it tells it."""
    supply: str
    what: What
    """Which kind that was when it was ordered: known even if the file is not there any more."""
    ordered: str
    """When (``clock.stamp``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplies:
    """Those in *folder*, which only *keys* may sign."""

    folder: Path
    keys: Sequence[VerifierKey]

    def take(self, file: Path, note: Path, *, kind: Kind, profile: str) -> Supply:
        """Keep a copy of *file*, for cameras of *profile*; safe to repeat.

        SetupError if the *note* beside it does not say just that of just these bytes.
        """
        if not self.keys:
            raise SetupError("nothing is kept: [station] profile_keys is empty, so nobody may sign")
        data, said = _read(file, LONGEST), _read(note, _LONGEST_NOTE)
        try:
            supply = self._verified(data, said, name=file.name)
            _see_wanted(supply, kind, profile)
        except (LogBroken, ValueError) as error:
            raise SetupError(f"{file} is not kept: {note}: {error}", advice=_SIGN) from error
        place = self.folder / supply.id
        durable.make_folder(place)
        durable.replace(place / _CONTENT, data)  # that of a run that was cut off may be broken
        durable.replace(place / _NOTE, said)
        return supply

    def get(self, supply: str) -> Supply:
        """The supply of this id, verified anew; SetupError if it is not there, or not as signed."""
        if not _ID.fullmatch(supply):
            raise SetupError(f"{supply!r} is no id of a supply", advice=_LIST)
        place = self.folder / supply
        if not (place / _NOTE).exists():
            raise SetupError(f"nothing is kept for cameras as {supply}", advice=_LIST)
        data, note = _read(place / _CONTENT, LONGEST), _read(place / _NOTE, _LONGEST_NOTE)
        try:
            found = self._verified(data, note)
        except (LogBroken, ValueError) as error:
            raise SetupError(f"{place} is not as it was signed: {error}", advice=_SIGN) from error
        if found.id != supply:
            raise SetupError(f"{place} holds another supply, {found.id}")
        return found

    def ids(self) -> list[str]:
        """Those that are kept, whether they still verify or not."""
        if not self.folder.is_dir():
            return []
        kept = (each for each in self.folder.iterdir() if (each / _NOTE).exists())
        return sorted(each.name for each in kept if _ID.fullmatch(each.name))

    # --- orders

    def order(self, camera: str, supply: str, now: str) -> Order:
        """*camera* is to get *supply*, in place of what was ordered for it before.

        SetupError as :meth:`get`, or if that is no number of a camera.
        """
        if not camera.strip():
            raise SetupError("an order names no camera")
        what = self.get(supply).what
        order = Order(camera=camera, supply=supply, what=what, ordered=now)
        durable.make_folder(self.folder / _ORDERS)
        durable.replace(self._place(camera), msgspec.json.encode(order))
        return order

    def withdraw(self, camera: str) -> bool:
        """Let *camera* get nothing; whether something was ordered for it.  Safe to repeat."""
        place = self._place(camera)
        return place.parent.is_dir() and durable.discard(place)

    def claim(self, order: Order) -> bool:
        """Withdraw *order* to carry it out; False if it stands no more, or another in its place.

        Of several that claim it at once one succeeds.
        """
        place = self._place(order.camera)
        try:
            stands = _order(place) == order
        except FileNotFoundError:
            return False
        return stands and durable.discard(place)

    def orders(self) -> list[Order]:
        """All that are open.  SetupError if one cannot be read."""
        folder = self.folder / _ORDERS
        found = []
        for place in sorted(folder.glob("*.json")) if folder.is_dir() else ():
            with suppress(FileNotFoundError):  # it was withdrawn while we looked
                found.append(_order(place))
        return found

    def _place(self, camera: str) -> Path:
        """Where its order lies; a camera's number is no file name."""
        named = Sha256.of(camera.encode("utf-8", "surrogatepass")).hex
        return self.folder / _ORDERS / f"{named}.json"

    def _verified(self, data: bytes, note: bytes, name: str | None = None) -> Supply:
        """The supply that *data* and *note* are.  LogBroken or ValueError if they are none."""
        signed = opened(note, self.keys)
        if signed.said.kind is Kind.PROFILE:
            raise ValueError("it is a signature of a profile")
        see_same(signed.said, signed.said.kind, data, name or signed.said.name)
        digest = Sha256.of(signed.said.text.encode())
        return Supply(
            id=digest.hex[:16],
            said=signed.said,
            by=signed.by,
            statement=Sha256.of(note),
            data=data,
        )


def supplies_in(station: Path, settings: StationSettings) -> Supplies:
    """Those in the folder of a *station*; SetupError for a key that is none."""
    return Supplies(folder=station / FOLDER, keys=keys_of(settings.profile_keys))


_LIST = "`evidock station staged` lists them."


def _see_wanted(supply: Supply, kind: Kind, profile: str) -> None:
    """ValueError if *supply* is something else, or settings that nobody could read."""
    said = supply.said
    if (said.kind, said.profile) != (kind, profile):
        raise ValueError(f"it was signed as {said.kind} for profile {said.profile}")
    if supply.what is What.CONFIG:
        settings_in(supply.data)


def _order(place: Path) -> Order:
    try:
        return msgspec.json.decode(place.read_bytes(), type=Order)
    except msgspec.MsgspecError as error:
        raise SetupError(
            f"the order {place} cannot be read: {error}", advice="Remove it, and order anew."
        ) from error


def _read(file: Path, most: int) -> bytes:
    """The bytes of *file*; SetupError if there are more than *most*."""
    try:
        with file.open("rb") as stream:
            data = stream.read(most + 1)
    except OSError as error:
        raise SetupError(f"{file} cannot be read: {error.strerror}") from error
    if len(data) > most:
        raise SetupError(f"{file} is longer than {most:,} bytes")
    return data
