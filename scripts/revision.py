"""Writes the next revision of a database's tables from what ``tables.py`` has and it has not.

``scripts/revision.py catalogue "Clips have a note"`` (or ``journal``); read the result and mend it.
"""

from __future__ import annotations

import argparse

from alembic import command

from archive.catalogue.database import REVISIONS as CATALOGUE
from evidence.guards import open_sqlite
from evidence.migration import step
from station.journal.journal import REVISIONS as JOURNAL

OWNERS = {owner.of: owner for owner in (CATALOGUE, JOURNAL)}


def main() -> None:
    """Write the file and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("of", choices=OWNERS)
    parser.add_argument("message", help="what it brings, as a sentence without its stop")
    chosen = parser.parse_args()
    owner = OWNERS[chosen.of]
    number = f"{int(owner.head) + 1:04}"
    engine = open_sqlite("sqlite://")
    step(engine, owner)
    with engine.begin() as db:
        command.revision(owner.config(db), chosen.message, autogenerate=True, rev_id=number)
    engine.dispose()


if __name__ == "__main__":
    main()
