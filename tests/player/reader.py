"""A person at the player without a browser: cookies, forms, and what comes back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

import aiohttp

from tests.player.window import PASSWORD

_TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def words(self) -> str:
        """The page as a person reads it: no tags, no line breaks."""
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.text)).split())


@dataclass(slots=True, kw_only=True)
class Reader:
    """One browser's worth of cookies."""

    http: aiohttp.ClientSession
    token: str = ""

    async def get(self, path: str, **headers: str) -> Answer:
        async with self.http.get(path, headers=headers) as answer:
            return await self._read(answer)

    async def post(self, path: str, origin: str | None = None, **form: str) -> Answer:
        """Send a form of ours from *origin*, by default our own."""
        return await self.send(path, list(form.items()), origin)

    async def send(
        self, path: str, fields: list[tuple[str, str]], origin: str | None = None
    ) -> Answer:
        """As :meth:`post`, where a field may come several times."""
        named = {name for name, _ in fields}
        form = fields if "form_token" in named else [*fields, ("form_token", self.token)]
        headers = {"Origin": origin or str(self.http._base_url).rstrip("/")}
        async with self.http.post(path, data=form, headers=headers) as answer:
            return await self._read(answer)

    async def sign_in(self, name: str, password: str = PASSWORD) -> Answer:
        await self.get("/sign-in")
        return await self.post("/sign-in", name=name, password=password, next="/")

    async def watch(self, clip: str) -> Answer:
        """What the page's script does when the player opens."""
        headers = {
            "Accept": "application/json",
            "Origin": str(self.http._base_url).rstrip("/"),
            "X-Evidock-Form": self.token,
        }
        async with self.http.post(f"/clips/{clip}/views", headers=headers) as answer:
            return await self._read(answer)

    async def _read(self, answer: aiohttp.ClientResponse) -> Answer:
        body = await answer.read()
        if found := _TOKEN.search(body.decode(errors="replace")):
            self.token = found[1]
        return Answer(status=answer.status, headers=dict(answer.headers), body=body)
