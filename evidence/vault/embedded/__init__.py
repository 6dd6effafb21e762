"""The embedded vault: a SeaweedFS engine run as our own child, hardened.

Everything it needs lies in one folder; it listens on loopback only, and dies with us.  It guards
against our own mistakes and stolen S3 keys, never against root on this machine.
"""

from evidence.vault.embedded.engine import Engine, RootCredentials

__all__ = ["Engine", "RootCredentials"]
