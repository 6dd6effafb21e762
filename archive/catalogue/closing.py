"""What must not come back to life with an old copy of the catalogue."""

from __future__ import annotations

from sqlalchemy import delete

from archive.catalogue.catalogue import Transaction
from archive.catalogue.working_tables import EnrolmentRow, JobRow, SessionRow


def close_what_was_open(tx: Transaction) -> None:
    """End all sign-ins and enrolment codes: they may have been ended, or used, since.

    Work under way is nobody's any more, and is asked for anew at the start.
    """
    for table in (SessionRow, EnrolmentRow, JobRow):
        tx.session.execute(delete(table))
