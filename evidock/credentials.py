"""The embedded store's root identity, for the owner of the home.  Showing it is a logged act."""

from __future__ import annotations

from evidence.errors import SetupError
from evidence.vault.embedded import Engine


def root_credentials(engine: Engine | None) -> dict[str, object]:
    """How an S3 client signs in as root: the contract's JSON (``docs/cli.md``).

    The caller has put the act on record.  SetupError if the home's store is somebody else's.
    """
    if engine is None:
        raise SetupError(
            "this home uses a store of its own agency ([vault] kind = 's3')",
            advice="Its credentials are with whoever runs that store.",
        )
    root = engine.root_credentials()
    return {
        "endpoint": root.endpoint,
        "access_key": root.access_key,
        "secret_key": root.secret_key,
        "region": root.region,
        "buckets": {bucket.value: name for bucket, name in root.buckets.items()},
    }
