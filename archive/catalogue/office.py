"""Who may sign for the log: the archive that took office last, and no other.

One rule: the database says so, in the transaction before every signature.  So an archive that was
thought dead, and comes back, finds itself out of office before it signs anything.
"""

from __future__ import annotations

from sqlalchemy import CursorResult, case, update

from archive.catalogue import entries
from archive.catalogue.catalogue import Transaction
from archive.catalogue.working_tables import OfficeRow
from evidence.errors import LogBroken, OfficeLost

LOG = "custody"


def take(tx: Transaction) -> int:
    """Take office; the epoch of this one.  Every earlier one has ended.

    LogBroken, and no office, if entries that somebody may have signed for are gone from here.
    Claims follow commits and entries are never removed, so no crash makes that; and it is held
    against the rows, since a log's own folder is behind its claim after every kill in between, and
    a standby's may be behind by any number.
    """
    row = tx.session.get(OfficeRow, LOG) or OfficeRow(log=LOG, epoch=0, size=0)
    if row.size > (held := entries.count(tx)):
        raise LogBroken(
            f"{row.size} entries of this log may have been signed for, by the office of epoch"
            f" {row.epoch}, and the database has only {held}",
            advice="Entries were removed from the database. Keep it as it is, restore its newest"
            " backup, or make it anew from the log: evidock rebuild. Nothing was signed.",
        )
    row.epoch += 1
    tx.session.add(row)
    tx.session.flush()
    return row.epoch


def claim(tx: Transaction, epoch: int, size: int) -> None:
    """The office of *epoch* is about to sign for *size* entries; OfficeLost if it has ended."""
    reached = case((OfficeRow.size < size, size), else_=OfficeRow.size)
    wanted = update(OfficeRow).where(OfficeRow.log == LOG, OfficeRow.epoch == epoch)
    done = tx.session.execute(wanted.values(size=reached))
    if not isinstance(done, CursorResult) or done.rowcount != 1:
        raise _lost(tx, epoch)


def must_last(tx: Transaction, epoch: int) -> None:
    """Return while the office of *epoch* lasts; then OfficeLost."""
    row = tx.session.get(OfficeRow, LOG)
    if row is None or row.epoch != epoch:
        raise _lost(tx, epoch)


def _lost(tx: Transaction, epoch: int) -> OfficeLost:
    row = tx.session.get(OfficeRow, LOG)
    now = "nobody's" if row is None else f"that of epoch {row.epoch}"
    return OfficeLost(
        f"another archive signs for this log now: the office of epoch {epoch} has ended, and it is"
        f" {now}"
    )
