"""The settings of vaults: where each is, as whom it is spoken to, how it is encrypted at rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultSettings:
    """[vault]: the object store.  ``embedded`` starts one; ``s3`` uses any S3 with Object Lock."""

    kind: Literal["embedded", "s3"] = "embedded"
    """``embedded`` or ``s3``."""
    endpoint: str = ""
    """s3: URL of the store."""
    region: str = "us-east-1"
    """s3: region name."""
    access_key: str = ""
    """s3: access key of the archive's identity."""
    secret_key_file: str = ""
    """s3: file that holds the secret key; readable by its owner only."""
    originals: str = ""
    """s3: name of the bucket for originals (Object Lock on)."""
    records: str = ""
    """s3: name of the bucket for records (Object Lock on)."""
    derived: str = ""
    """s3: name of the bucket for derived objects."""
    durability: str = "declared"
    """s3: ``declared`` (the store syncs what it acknowledges), or a folder to syncfs."""
    ca_file: str = ""
    """s3: certificate authority of the endpoint, if it is not a public one."""
    encryption: Literal["none", "disk", "store"] = "none"
    """At rest, decided before the first object: ``none``, ``disk`` (the operator's; under the
    embedded store it must be seen) or ``store`` (asked for with each object, and looked for)."""
    kms_key: str = ""
    """s3, ``store``: key of the store's key service; empty: the store's own keys (AES256)."""
    key_file: str = ""
    """embedded, ``store``: file of the key that all others are wrapped under, best on another disk;
    made if it is new.  Empty: in the home, beside what it protects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondVaultSettings:
    """[second_vault]: another store, elsewhere, for a copy of everything (docs/second-vault.md)."""

    kind: Literal["none", "s3"] = "none"
    """``none`` or ``s3``."""
    endpoint: str = ""
    """s3: URL of the store; never the same store as the first one's."""
    region: str = "us-east-1"
    """s3: region name."""
    access_key: str = ""
    """s3: access key of the archive's identity there."""
    secret_key_file: str = ""
    """s3: file that holds the secret key; readable by its owner only."""
    originals: str = ""
    """s3: name of the bucket for copies of originals (Object Lock on)."""
    records: str = ""
    """s3: name of the bucket for copies of records (Object Lock on)."""
    derived: str = ""
    """s3: name of a bucket for derived objects; the probe of the store uses it, copies do not."""
    durability: str = "declared"
    """s3: ``declared`` (the store syncs what it acknowledges), or a folder to syncfs."""
    ca_file: str = ""
    """s3: certificate authority of the endpoint, if it is not a public one."""
    encryption: Literal["none", "disk", "store"] = "none"
    """As in ``[vault]``; ``disk`` is the operator's word here."""
    kms_key: str = ""
    """As in ``[vault]``."""
    behind_hours: Annotated[float, Meta(gt=0)] = 24
    """A clip that waits longer than this for its copy is a problem."""
    parallel_copies: Annotated[int, Meta(ge=1)] = 4
    """Clips that are copied at the same time."""
