"""A System Controller as Axis publishes it: the requests of its README and its example server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientSession
from aiohttp.client import ClientResponse

from evidence.clock import Clock, SystemClock
from evidence.settings import AxisSettings
from station.axis.service import AxisService

USER = "6c1f2b1e-8d5e-4d0a-9b0a-3c9f5a2b7d11"
DEVICE = "AABBCCDD1234"
RECORDING = f"{USER}_{DEVICE}_20190101_090909"
CLIP = "20190101_090909_7CF7.mkv"
"""Names of the published tests (server/server_test.go, createRecording)."""

OPEN = AxisSettings(enabled=True)


@dataclass(slots=True)
class Controller:
    """Signed in at a door, it sends what it is told to."""

    session: ClientSession
    storage: str
    token: str

    async def ask(
        self, method: str, path: str, told: Mapping[str, str] | None = None, body: object = None
    ) -> ClientResponse:
        """The answer, read to its end, to *method* on *path* below the account."""
        headers = {"X-Auth-Token": self.token, **(told or {})}
        answer = await self.session.request(
            method, f"{self.storage}/{path}", headers=headers, data=body
        )
        await answer.read()
        return answer

    async def status(
        self, method: str, path: str, told: Mapping[str, str] | None = None, body: object = None
    ) -> int:
        return (await self.ask(method, path, told, body)).status

    async def push(self, clip: bytes, *, user: str = USER, name: str = CLIP) -> list[int]:
        """All that is said of one recording, in the order of the example's tests."""
        recording = f"{user}_{DEVICE}_20190101_090909"
        said = [
            ("PUT", "Users", {}, None),
            ("PUT", f"Users/{user}", {"X-Object-Meta-Name": "testUser"}, b""),
            (
                "POST",
                f"Users/{user}",
                {"X-Object-Meta-Name": "T", "X-Object-Meta-Userid": "P77"},
                None,
            ),
            ("PUT", "Devices", {}, None),
            ("PUT", f"Devices/{DEVICE}", {"X-Object-Meta-Name": "BWC-01"}, b""),
            ("PUT", recording, {"X-Container-Meta-Status": "Transferring"}, None),
            (
                "PUT",
                f"{recording}/{name}",
                {
                    "X-Object-Meta-Containertype": "mkv",
                    "X-Object-Meta-Starttimeiso": "2019-01-01T09:09:09Z",
                },
                clip,
            ),
            ("POST", recording, {"X-Container-Meta-Status": "Complete"}, None),
        ]
        return [await self.status(*each) for each in said]


@asynccontextmanager
async def opened(
    folder: Path, settings: AxisSettings = OPEN, clock: Clock | None = None, reserve: int = 0
) -> AsyncIterator[AxisService]:
    """A door whose spool lies in *folder*."""
    service = AxisService(settings, folder, clock or SystemClock(), reserve=reserve)
    async with service.open():
        yield service


@asynccontextmanager
async def signed_in(service: AxisService) -> AsyncIterator[Controller]:
    """A controller that has its token (README "Access token API")."""
    known = service.door.credentials
    asked = {"X-Auth-User": known.user, "X-Auth-Key": known.key}
    async with (
        ClientSession() as session,
        session.get(f"{service.address}/auth/v1.0", headers=asked) as answer,
    ):
        headers = answer.headers
        yield Controller(session, headers["X-Storage-Url"], headers["X-Auth-Token"])
