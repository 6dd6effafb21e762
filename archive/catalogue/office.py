"""Who may sign for the log: the archive that took office last, and no other.

One rule: the database says so, in the transaction before every signature.  So an archive that was
thought dead, and comes back, finds itself out of office before it signs anything.
"""

from __future__ import annotations

from sqlalchemy import CursorResult, case, update

from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import OfficeRow
from evidence.errors import HomeBusy

LOG = "custody"


def take(tx: Transaction) -> int:
    """Take office; the epoch of this one.  Every earlier one has ended."""
    row = tx.session.get(OfficeRow, LOG) or OfficeRow(log=LOG, epoch=0, size=0)
    row.epoch += 1
    tx.session.add(row)
    tx.session.flush()
    return row.epoch


def claim(tx: Transaction, epoch: int, size: int) -> None:
    """The office of *epoch* is about to sign for *size* entries; HomeBusy if it has ended."""
    reached = case((OfficeRow.size < size, size), else_=OfficeRow.size)
    wanted = update(OfficeRow).where(OfficeRow.log == LOG, OfficeRow.epoch == epoch)
    done = tx.session.execute(wanted.values(size=reached))
    if not isinstance(done, CursorResult) or done.rowcount != 1:
        raise HomeBusy(
            f"another archive signs for this log now: the office of epoch {epoch} has ended",
            advice="Nothing was signed here. Stop this archive, and start it again as a standby.",
        )
