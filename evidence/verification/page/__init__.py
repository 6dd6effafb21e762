"""The page ``verify.html``: verifies a package in a browser, without network, from one file.

One rule: the page is its own file and nothing else.  Its content security policy names the digests
of the script and the style that are in it, and allows no connection, frame or form.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files

_MODULES = (
    "verdict",
    "bytes",
    "sha256",
    "sm3",
    "merkle",
    "shapes",
    "note",
    "policy",
    "tiles",
    "vrf",
    "files",
    "bag",
    "anchors",
    "entries",
    "reach",
    "statement",
    "beside",
    "clips",
    "lawful",
    "keeping",
    "renditions",
    "completeness",
    "lineage",
    "dossiers",
    "judge",
    "words",
    "drawing",
    "papers",
    "view",
    "app",
)
"""In the order in which they need one another."""
_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE)


@cache
def page() -> bytes:
    """The whole page, the same for everyone."""
    here = files(__package__)
    text = (here / "page.html").read_text("utf-8")
    style = (here / "page.css").read_text("utf-8")
    script = "".join(_module(name, (here / f"{name}.js").read_text("utf-8")) for name in _MODULES)
    script = f'"use strict";\n{script}'
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_source(script)}",
            f"style-src {_source(style)}",
            "media-src blob:",
            "img-src blob:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
    for name, part in (("policy", policy), ("style", style), ("script", script)):
        text = text.replace(f"{{{{{name}}}}}", part)
    return text.encode("utf-8")


def _module(name: str, source: str) -> str:
    """One module as a function of its own, so that what is private to it stays so."""
    body = _IMPORT.sub(r"const \1 = $\2;", source)
    names = ", ".join(found[2] for found in _EXPORT.finditer(body))
    bare = _EXPORT.sub(r"\1", body)
    return f"const ${name} = (() => {{\n{bare}return {{ {names} }};\n}})();\n"


def _source(text: str) -> str:
    """How a content security policy names an inline part."""
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"
