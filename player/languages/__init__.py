"""What the player says, in every language it speaks: one JSON catalogue a language.

One rule: people's words live in the catalogues alone, so a page exists in all languages or none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec

#: Code of each catalogue, as in BCP 47, with the language's own name.
LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "中文"}
#: What ``<html lang>`` says for a code.
HTML_LANG: Mapping[str, str] = {"en": "en", "zh": "zh-Hans"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language's words."""

    code: str
    words: Mapping[str, str]

    @property
    def html_lang(self) -> str:
        return HTML_LANG[self.code]

    def __call__(self, key: str, **values: object) -> str:
        """The words under *key* with ``{name}`` filled in; KeyError for an unknown key."""
        text = self.words[key]
        return text.format(**values) if values else text

    def count(self, key: str, n: int) -> str:
        """The words under ``key.one`` or ``key.other``, with ``{n}`` filled in."""
        return self(f"{key}.one" if n == 1 else f"{key}.other", n=f"{n:,}")

    def coded(self, family: str, code: str) -> str:
        """The words for a *code* of the archive; a code newer than this player shows as itself."""
        return self.words.get(f"{family}.{code}", code)

    def family(self, prefix: str) -> dict[str, str]:
        """All words whose key begins with *prefix* and a dot, by the rest of their key."""
        start = f"{prefix}."
        return {
            key.removeprefix(start): text
            for key, text in self.words.items()
            if key.startswith(start)
        }


@cache
def language(code: str) -> Language:
    """The language with this *code*, one of ``LANGUAGES``."""
    content = files(__name__).joinpath(f"{code}.json").read_bytes()
    return Language(code=code, words=msgspec.json.decode(content, type=dict[str, str]))
