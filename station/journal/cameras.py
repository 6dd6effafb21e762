"""What the journal says about cameras and other devices at its ports, beside their files."""

from __future__ import annotations

import msgspec
from sqlalchemy import insert, select, update

from evidence.custody import EntryKind
from station.heard import Heard, Refusal
from station.journal import tables
from station.journal.committing import commitments, opened, sealed
from station.journal.pages import Page


def told(page: Page, heard: Heard, port: str) -> None:
    """A camera at *port* told this; safe to repeat.  Numbers go into the log as commitments."""
    held = tables.heard
    if page.db.scalar(select(held.c.id).where(held.c.id == heard.id)) is not None:
        return
    values = {"camera": heard.camera, "officer": heard.officer}
    openings = opened(values)
    before, after = heard.clock, heard.set_clock
    page.write(
        EntryKind.CAMERA_TOLD,
        None,
        told=heard.id,
        port=port,
        profile=heard.profile,
        battery=heard.battery,
        camera_clock=None if before is None else before.shown,
        clock_read=None if before is None else before.at,
        clock_offset_ms=heard.offset_ms,
        clock_within_ms=None if before is None else before.within_ms,
        clock_set=heard.was_set or None,
        set_offset_ms=None if after is None else after.offset_ms,
        unanswered=sorted(verb.replace("_", "-") for verb in heard.unanswered) or None,
        commitments=commitments(openings) or None,
    )
    told = msgspec.json.encode(heard)
    page.db.execute(insert(held).values(id=heard.id, told=told, openings=sealed(openings)))


def joined(page: Page, heard: Heard, docking: str) -> None:
    """The card of this *docking* is the camera that was *heard*."""
    held = tables.docking
    page.db.execute(update(held).where(held.c.id == docking).values(heard=heard.id))
    page.write(
        EntryKind.CAMERA_DOCKED,
        None,
        docking=docking,
        told=heard.id,
        clock_offset_ms=heard.offset_ms,
    )


def heard_of(page: Page, docking: str) -> Heard | None:
    """What the camera of this *docking* told, if it was heard."""
    held, stood = tables.heard.c, tables.docking.c
    asked = select(held.told).join(tables.docking, stood.heard == held.id)
    raw = page.db.scalar(asked.where(stood.id == docking))
    return None if raw is None else msgspec.json.decode(raw, type=Heard)


def offset_of(page: Page, docking: str, camera: str | None) -> int | None:
    """Milliseconds by which the clock was off that wrote the times on the card of *docking*.

    None if it was not read, or if a file of that card names another *camera* than was heard.
    """
    heard = heard_of(page, docking)
    if heard is None or (camera is not None and not heard.may_be_of(camera)):
        return None
    return heard.offset_ms


def refused(page: Page, device: Refusal) -> None:
    """A device was turned away."""
    page.write(
        EntryKind.DEVICE_REFUSED,
        None,
        port=device.port,
        reason=device.reason,
        vendor=device.vendor,
        product=device.product,
        interfaces=list(device.interfaces) or None,
        descriptors=device.descriptors.hex,
        count=device.count,
    )
