"""The agency's custody log: one append-only Merkle tree, kept as static C2SP files.

``store`` keeps its files, ``log`` appends to it and signs its head, ``key`` keeps the key it signs
with, ``mirror`` copies it into the vault; ``witnesses`` has others cosign it, and stops it when
they know more.  ``docs/custody-log-format.md`` says what an auditor finds there.
"""
