"""Migrations: a database is brought to the tables this product knows, whole or not at all.

Every owner of a database (the catalogue, the journal) has a package ``versions`` with its
revisions, one module each, and calls :func:`opened`.  How to add one::

    1. Change the owner's ``tables.py``.
    2. ``make revision ARGS='catalogue "What it brings"'`` (or ``journal``) writes
       ``versions/rNNNN_what_it_brings.py`` from the difference.
    3. Read it and mend it.  A new column that may not be NULL needs a ``server_default``, in
       ``tables.py`` too: there are rows already.
    4. ``downgrade`` calls ``refuse_loss`` first, for every table and column with facts that it
       drops; delete the call if it drops none.
    5. ``pytest tests/evidence/migration``: it fills all tables by itself and runs every revision
       forward, back, and killed on the way.

Two people made the same number?  Whoever lands second renames his file and the numbers in it.
A revision that was released is never edited.
"""

from evidence.migration.columns import NAMES, whole
from evidence.migration.loss import refuse_loss
from evidence.migration.revisions import (
    Revisions,
    current,
    disposed_on_error,
    opened,
    step,
    step_alone,
)
from evidence.migration.standing import Standing, standing

__all__ = [
    "NAMES",
    "Revisions",
    "Standing",
    "current",
    "disposed_on_error",
    "opened",
    "refuse_loss",
    "standing",
    "step",
    "step_alone",
    "whole",
]
