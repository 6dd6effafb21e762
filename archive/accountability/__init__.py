"""Accountability: what lacks becomes a finding that somebody must answer.

What is on record is in :mod:`archive.catalogue.findings` and :mod:`archive.catalogue.excuses`; what
lacks follows from :mod:`archive.catalogue.coverage` and :mod:`archive.catalogue.withheld`.
"""
