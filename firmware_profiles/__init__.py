"""Data only: one TOML file a camera model, telling where its footage lies and what its names mean.

A profile is never code.  Read it with ``importlib.resources.files("firmware_profiles")``.
"""
