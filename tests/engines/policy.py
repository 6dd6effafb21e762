"""The least rights that docs/engines.md gives the archive's identity, as a store takes them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from evidence.vault import Bucket
from tests.architecture.tree import ROOT

_AGENCY = "agency"
"""Whose buckets the page speaks of."""


def written() -> dict[str, Any]:
    """The policy on the page, as AWS takes it for an identity."""
    page = (ROOT / "docs" / "engines.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```json\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    policy: dict[str, Any] = json.loads(text)
    return policy


def least_rights(names: Mapping[Bucket, str], user: str) -> dict[Bucket, str]:
    """The same as one policy for each bucket, which says whom it is for: so a gateway takes it."""
    policy = written()
    made = {}
    for bucket, name in names.items():
        statements = [
            {**each, "Principal": {"AWS": [f"arn:aws:iam:::user/{user}"]}, "Resource": about}
            for each in policy["Statement"]
            if (about := _renamed(each["Resource"], bucket, name))
        ]
        made[bucket] = json.dumps({**policy, "Statement": statements})
    return made


def _renamed(resources: list[str], bucket: Bucket, name: str) -> list[str]:
    """Those of *resources* that are about *bucket*, by its real *name*."""
    ours = f"{_AGENCY}-{bucket.value}"
    return [each.replace(ours, name) for each in resources if ours in each]
