"""The key under which the embedded engine wraps the keys of what it encrypts.

By itself the engine keeps such a key in a file among its data, where it protects nothing.  Ours
lies in a file of its own, which may be on another disk, and reaches the engine through its
environment alone.  One rule: where something was encrypted, no other key is ever used or made.
"""

from __future__ import annotations

import re
import secrets
from contextlib import suppress
from pathlib import Path

from evidence import durable
from evidence.digest import Sha256
from evidence.errors import SetupError
from evidence.secret import read_secret

NAME = "wrapping.key"
VARIABLE = "WEED_S3_SSE_KEK"
"""Where the engine looks for it."""
_USED = "wrapping.sha256"
"""Which key it was, once one was used."""
_KEY = re.compile(r"[0-9a-f]{64}")


def see_unused(state: Path) -> None:
    """Return if this engine never used one; else SetupError: without it most reads are errors."""
    if (state / _USED).exists():
        raise SetupError(
            f"what lies in the vault was encrypted with a wrapping key ({state / _USED} names it),"
            " and [vault] encryption is not 'store'",
            advice="Set it back to 'store': it was decided before the first object"
            " (docs/vault.md).",
        )


def load_or_make(file: Path, state: Path) -> str:
    """The key in *file*, 64 hexadecimal digits; a new one if none was used by this engine yet.

    SetupError if it is gone or another one than was used, if others may read it, or if it is none.
    """
    used = state / _USED
    known = used.read_text("ascii").strip() if used.exists() else None
    if not file.exists():
        if known is not None:
            raise SetupError(
                f"the key {file} is not there, and what lies in the vault was encrypted with it",
                advice="Mount its disk, or put it back from its copy: nothing opens the vault"
                " without it (docs/keys.md).",
            )
        durable.make_folder(file.parent)
        with suppress(FileExistsError):  # another process of ours was faster: use its key
            durable.create(file, secrets.token_hex(32).encode("ascii"), mode=durable.PRIVATE)
    key = read_secret(file, "[vault] key_file")
    if not _KEY.fullmatch(key):
        raise SetupError(
            f"[vault] key_file {file} holds no key: it must be 64 hexadecimal digits",
            advice="openssl rand -hex 32 makes one, or name a file that does not exist yet.",
        )
    digest = Sha256.of(key.encode("ascii")).hex
    if known is None:
        durable.make_folder(state)
        durable.create_same(used, digest.encode("ascii"))
    elif known != digest:
        raise SetupError(
            f"the key {file} is another one than what lies in the vault was encrypted with",
            advice="Put the right one back from its copy: nothing opens the vault without it.",
        )
    return key
