"""What the journal says about mail: which receipt was taken for which box, and who still waits."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import delete, insert, or_, select

from evidence.clock import stamp
from station.journal import tables
from station.journal.pages import Page
from station.journal.records import MailedDocking


def sent(page: Page, docking: str, box: str, receipt: str) -> None:
    """A mail server took the *receipt* of *docking* for *box*, in place of an earlier one."""
    held = tables.mail
    page.db.execute(delete(held).where(held.c.docking == docking, held.c.box == box))
    values = {"docking": docking, "box": box, "receipt": receipt, "sent": page.now}
    page.db.execute(insert(held).values(values))


def dockings_since(page: Page, since: datetime) -> list[MailedDocking]:
    """The dockings that stand, or ended *since* then, and what was mailed of each."""
    held, mail = tables.docking.c, tables.mail.c
    is_due = or_(held.undocked.is_(None), held.undocked >= stamp(since))
    rows = page.db.execute(
        select(held.id, held.undocked).where(is_due).order_by(held.docked, held.id)
    ).all()
    mailed: dict[str, dict[str, str]] = defaultdict(dict)
    of_these = select(held.id).where(is_due)
    for row in page.db.execute(select(tables.mail).where(mail.docking.in_(of_these))).all():
        mailed[row.docking][row.box] = row.receipt
    return [
        MailedDocking(docking=row.id, has_left=row.undocked is not None, mailed=mailed[row.id])
        for row in rows
    ]
