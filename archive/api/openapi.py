"""The API's description (OpenAPI 3.1), printed from the routes and the message types themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from archive.api.route import Route, Who
from evidence.wire import Message, Problem

REF = "#/components/schemas/{name}"

_Json = dict[str, object]


def document(routes: Sequence[Route]) -> bytes:
    """The OpenAPI document of *routes* as JSON."""
    messages = _messages(routes)
    _, schemas = msgspec.json.schema_components(messages, ref_template=REF)
    paths: dict[str, _Json] = {}
    for route in routes:
        paths.setdefault(_template(route), {})[route.method.lower()] = _operation(route)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "Evidock archive", "version": "1"},
            "paths": paths,
            "components": {"schemas": schemas, "securitySchemes": _SECURITY},
        }
    )


_SECURITY: _Json = {
    "person": {"type": "http", "scheme": "bearer", "description": "token of POST /v1/sessions"},
    "feed": {"type": "http", "scheme": "bearer", "description": "key of evidock feeds key"},
    "station": {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": "RFC 9421 over @method, @path, @query and content-digest, Ed25519",
    },
}
_MAY: dict[Who, list[_Json]] = {
    Who.ANYONE: [],
    Who.STATION: [{"station": []}],
    Who.FEED: [{"feed": []}],
    Who.PERSON: [{"person": []}],
    Who.EITHER: [{"station": []}, {"person": []}],
    Who.LOG: [{"station": []}, {"person": []}],
}


def _messages(routes: Sequence[Route]) -> list[type[Message]]:
    used = [kind for route in routes for kind in (route.takes, route.gives)]
    return [Problem, *(kind for kind in used if isinstance(kind, type))]


def _template(route: Route) -> str:
    """The path without the patterns that aiohttp allows inside braces."""
    return re.sub(r"\{(\w+):[^}]+\}", r"{\1}", route.path)


def _operation(route: Route) -> _Json:
    operation: _Json = {
        "operationId": f"{route.method.lower()}_{route.handler.__name__}",
        "summary": (route.handler.__doc__ or "").partition("\n")[0],
        "parameters": _parameters(route),
        "security": _MAY[route.who],
        "responses": {
            str(route.status): {"description": "done", "content": _content(route.gives)},
            "default": {
                "description": "a problem (RFC 9457)",
                "content": {"application/problem+json": {"schema": _ref(Problem)}},
            },
        },
    }
    if route.takes is not None:
        operation["requestBody"] = {"required": True, "content": _content(route.takes)}
    return operation


def _parameters(route: Route) -> list[_Json]:
    in_path = re.findall(r"\{(\w+)\}", _template(route))
    text = {"type": "string"}
    return [
        *({"name": name, "in": "path", "required": True, "schema": text} for name in in_path),
        *({"name": name, "in": "query", "schema": text} for name in route.query),
    ]


def _content(gives: type[Message] | str) -> _Json:
    if isinstance(gives, str):
        return {gives: {"schema": {"type": "string"}}}
    return {"application/json": {"schema": _ref(gives)}}


def _ref(kind: type[Message]) -> _Json:
    return {"$ref": REF.format(name=kind.__name__)}
