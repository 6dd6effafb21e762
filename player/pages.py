"""Pages, rendered on the server in the reader's language.

One rule: templates hold structure, catalogues hold words, and everything from a camera or a person
is escaped (Jinja2 autoescape; there is no ``|safe``).
"""

from __future__ import annotations

from functools import cache
from http import HTTPStatus

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from evidence.clock import unstamp
from evidence.rights import Action
from player.charts import percent
from player.languages import LANGUAGES, Language, language
from player.places import LANGUAGE_COOKIE, READER, SETTINGS
from player.shields import FORM_FIELD, form_token

_KIB = 1024


def page(
    request: web.Request, template: str, *, status: int = HTTPStatus.OK, **values: object
) -> web.Response:
    """The page *template* for this reader."""
    who = request.get(READER)
    text = (
        _environment()
        .get_template(f"{template}.html.j2")
        .render(
            t=language_of(request),
            languages=LANGUAGES,
            reader=who,
            sees_mine=who is not None and who.person.officer is not None,
            sees_incidents=who is not None and who.may(Action.LIST_INCIDENTS),
            sees_fleet=who is not None and who.may(Action.SEE_FLEET),
            sees_feeds=who is not None and who.may(Action.SEE_FEEDS),
            sees_reviews=who is not None and who.may(Action.SEE_REVIEWS),
            sees_coverage=who is not None and who.may(Action.SEE_COVERAGE),
            sees_findings=who is not None and who.may(Action.SEE_FINDINGS),
            sees_cases=who is not None and who.may(Action.LIST_CASES),
            sees_disposals=who is not None and who.may(Action.SEE_DISPOSALS),
            sees_statistics=who is not None and who.may(Action.SEE_STATISTICS),
            form_field=FORM_FIELD,
            form_token=form_token(request),
            here=request.path_qs if request.method == "GET" else "/",
            **values,
        )
    )
    return web.Response(text=text, status=status, content_type="text/html")


def language_of(request: web.Request) -> Language:
    """The language the reader chose, else the one the settings name."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return language(chosen if chosen in LANGUAGES else request.app[SETTINGS].player.language)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("player", "web/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "bytes_size": bytes_size,
        "moment": moment,
        "duration": duration,
        "percent": percent,
    }
    return made


def bytes_size(size: int) -> str:
    """*size* bytes for people, in binary units (IEC 80000-13)."""
    if size < _KIB:
        return f"{size} B"
    amount = float(size)
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        amount /= _KIB
        if amount < _KIB:
            return f"{amount:.1f} {unit}"
    return f"{amount / _KIB:.1f} PiB"


def moment(stamped: str) -> str:
    """An RFC 3339 time to the second, in UTC; a script may turn it into local time."""
    return f"{unstamp(stamped):%Y-%m-%d %H:%M:%S} UTC"


def duration(milliseconds: int) -> str:
    """``1:02:03`` or ``2:03``."""
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
