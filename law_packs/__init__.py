"""Data only: one TOML file a jurisdiction: how long it wants footage kept, and by which words.

A law pack is never code.  Read it with ``importlib.resources.files("law_packs")``.
"""
