"""What every answer carries and every form must: the browser's own guards, switched on.

One rule: there are no exceptions by page.  No inline script or style, no other site's content, no
framing, no string turned into script (Trusted Types), and no form from elsewhere.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.web_request import FileField
from multidict import MultiDictProxy

from evidence.errors import Refused
from player.places import BROWSER, BROWSER_COOKIE, FORM_SECRET, set_cookie

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data: blob:; "
    "media-src 'self' blob:; "
    "connect-src 'self'; "
    "worker-src 'self'; "
    "font-src 'self'; "
    "frame-ancestors 'none'; "
    "base-uri 'none'; "
    "form-action 'self'; "
    "require-trusted-types-for 'script'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

FILE_POLICY = "default-src 'none'; sandbox"
"""Of what is a file to keep: should a browser show it all the same, it can do nothing."""

#: Name of the hidden field, and of the header our scripts send instead.
FORM_FIELD = "form_token"
FORM_HEADER = "X-Evidock-Form"


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal ``on_response_prepare``: the headers above; nothing but our static files is stored."""
    response.headers.update(HEADERS)
    if "Content-Disposition" in response.headers:
        response.headers["Content-Security-Policy"] = FILE_POLICY
    static = request.path.startswith("/static/")
    response.headers.setdefault("Cache-Control", "no-cache" if static else "no-store")
    if request.secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"


def form_token(request: web.Request) -> str:
    """What a form on this page must send back: bound to this browser and this process."""
    key = request.app[FORM_SECRET]
    return hmac.new(key, request[BROWSER].encode(), "sha256").hexdigest()


@web.middleware
async def know_browser(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give a browser without a name one, so that its forms can be told from others'."""
    known = request.cookies.get(BROWSER_COOKIE)
    request[BROWSER] = known or secrets.token_urlsafe(24)
    response = await handler(request)
    if known is None and not response.prepared:
        set_cookie(request, response, BROWSER_COOKIE, request[BROWSER])
    return response


@web.middleware
async def own_forms_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse anything that changes something unless a page of ours sent it."""
    if request.method not in {"GET", "HEAD"}:
        if not _from_here(request):
            if not request.secure and request.headers.get("Origin") == "null":
                raise Refused(
                    f"{request.method} {request.path}: this page was not opened over TLS (https),"
                    " so the browser does not tell where the form comes from",
                    advice="Use the https address of the player.",
                )
            raise Refused(f"{request.method} {request.path}: the form came from another site")
        sent = request.headers.get(FORM_HEADER) or (await form_of(request)).get(FORM_FIELD)
        if not hmac.compare_digest(str(sent).encode(), form_token(request).encode()):
            raise Refused(
                f"{request.method} {request.path}: the form is out of date",
                advice="Open the page again and repeat what you did.",
            )
    return await handler(request)


async def form_of(request: web.Request) -> MultiDictProxy[str | bytes | bytearray | FileField]:
    """The form in *request*; a bad request if its bytes are none, in whatever way."""
    try:
        return await request.post()
    except (ValueError, LookupError, RuntimeError) as error:  # aiohttp names no class of its own
        raise web.HTTPBadRequest from error


def _from_here(request: web.Request) -> bool:
    """Whether the browser says that a page of this origin sent the request.

    Fetch Metadata says so plainly.  Browsers send it to trustworthy origins only (TLS, loopback);
    elsewhere ``Origin`` must name us.  Under ``Referrer-Policy: no-referrer`` a form's Origin is
    ``null`` (Fetch, "append a request Origin header"), so Origin alone would refuse our own forms.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == f"{request.scheme}://{request.host}"
