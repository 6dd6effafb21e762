"""Which version of the product runs.

One rule: it is a name for people and for the fleet; nothing is decided by it, and nothing fails for
want of it.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

UNKNOWN = "0+not-installed"
"""Of a checkout that runs from its own folder, where no installer wrote down a version."""


def version() -> str:
    """The version that is installed; :data:`UNKNOWN` if none is (PEP 440)."""
    try:
        return installed("evidock") or UNKNOWN  # a record without a version gives none
    except PackageNotFoundError:
        return UNKNOWN
