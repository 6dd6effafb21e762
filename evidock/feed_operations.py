"""What is asked of a home about its feeds, and done with their keys, whether it runs or rests.

One rule: both are done by the same lines.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import cast

import msgspec

from archive.catalogue import feed_keys
from archive.catalogue.catalogue import Catalogue
from archive.feeds import standing
from archive.feeds.works import named
from archive.service import Archive
from evidence.errors import SetupError
from evidence.settings import Settings
from evidock import control

STATUS, GAPS, REPORT = "feeds", "feeds-gaps", "feeds-report"
KEY, REVOKE, KEYS = "feeds-key", "feeds-revoke", "feeds-keys"
_OWNER = "owner"
"""Who acts: whoever may enter the home."""
_Request = Mapping[str, object]
_Way = Callable[[Catalogue, Settings, _Request], Awaitable[control.Answer]]


def feed_operations(archive: Archive, settings: Settings) -> Mapping[str, control.Operation]:
    """Those of a running archive, by name."""

    def of(name: str) -> control.Operation:
        async def operation(request: _Request) -> control.Answer:
            return await do(name, archive.books.catalogue, settings, request)

        return operation

    return {name: of(name) for name in _WAYS}


async def do(
    name: str, catalogue: Catalogue, settings: Settings, request: _Request
) -> control.Answer:
    """The answer to the operation *name*."""
    return await _WAYS[name](catalogue, settings, request)


async def _status(catalogue: Catalogue, settings: Settings, _request: _Request) -> control.Answer:
    page = await catalogue.run(standing.page, named(settings))
    return cast("control.Answer", msgspec.to_builtins(page))


async def _gaps(catalogue: Catalogue, _settings: Settings, _request: _Request) -> control.Answer:
    return {"gaps": msgspec.to_builtins(await catalogue.run(standing.gaps))}


async def _report(catalogue: Catalogue, _settings: Settings, request: _Request) -> control.Answer:
    feed = request.get("feed")
    found = await catalogue.run(standing.report, None if feed is None else str(feed))
    return {"csv": found.decode("utf-8-sig")}


async def _key(catalogue: Catalogue, settings: Settings, request: _Request) -> control.Answer:
    name = str(request["name"])
    feed = next((e for e in named(settings) if e.name == name and e.how == "push"), None)
    if feed is None:
        raise SetupError(
            f"the settings have no feed {name!r} that is pushed",
            advice=f'Add a table [[feeds]] with name = "{name}", kind and how = "push".',
        )
    made, key = await catalogue.run(feed_keys.make, _OWNER, name, feed.kind.value)
    return {"id": made, "feed": name, "kind": feed.kind.value, "key": key}


async def _revoke(catalogue: Catalogue, _settings: Settings, request: _Request) -> control.Answer:
    return {"revoked": await catalogue.run(feed_keys.revoke, _OWNER, str(request["name"]))}


async def _keys(catalogue: Catalogue, _settings: Settings, _request: _Request) -> control.Answer:
    found = await catalogue.run(feed_keys.all_keys)
    return {"keys": [msgspec.to_builtins(each) for each in found]}


_WAYS: Mapping[str, _Way] = {
    STATUS: _status,
    GAPS: _gaps,
    REPORT: _report,
    KEY: _key,
    REVOKE: _revoke,
    KEYS: _keys,
}
