"""The revisions of the catalogue's tables, oldest first.

:mod:`evidence.migration` says how to add one.
"""
