"""Cameras that are programs: for tests, for who writes a profile, and for ``evidock simulate``.

One rule: nothing here is reached by a station at work.  A simulated camera shows that our own code
holds together, and says nothing about a real one.
"""
