"""A table of a camera profile: what is read from TOML, checked for shape, and never changed."""

from __future__ import annotations

import msgspec


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a profile; an unknown key is refused."""
