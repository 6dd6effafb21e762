"""The revisions of the journal's tables, oldest first.

:mod:`evidence.migration` says how to add one.
"""
