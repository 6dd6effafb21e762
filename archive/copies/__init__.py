"""A second vault, in another failure domain, and what its copies are good for.

One rule: what an object must be is said by the log alone.  Neither vault's word counts, nor a
row's: bytes are read and hashed before anything says that a vault holds them.

:mod:`replicating` copies what comes in, :mod:`repairing` stores anew what fixity found wrong in one
vault and right in the other.  Both store through :mod:`carrying`, and remove nothing, ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from archive.catalogue.moves import Which
from evidence.vault import SignedRequest, Vault
from evidence.vault.holder import Answer, send

Send = Callable[[SignedRequest, bytes], Answer]
"""Sends one part of a large object."""


def nothing_to_prove() -> None:
    """The vault was proven by whoever opened it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two vaults, as copies are made in it."""

    vault: Vault
    send: Send = send
    prove: Callable[[], object] = nothing_to_prove
    """Raises VaultUnfit unless the store keeps what it must; asked before it is relied on."""


Sides = Mapping[Which, Side]
