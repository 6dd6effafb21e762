"""Reviews and findings as the archive runs them: the draw's file, and who is told of what is late.

What is on record is in :mod:`archive.catalogue.draws` and its neighbours.
"""
