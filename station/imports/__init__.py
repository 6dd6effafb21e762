"""Imports: files, folders, mounted discs and disk images that a person hands in.

They stand at the dock like any card, so that behind it everything goes the way of all footage; but
their clips say for ever that they were imported (:mod:`evidence.acquisition`), and nothing is ever
written to where they come from.
"""
