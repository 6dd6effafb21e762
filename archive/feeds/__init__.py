"""What the archive hears from other systems: incidents, cases, duties and assignments.

A feed is a claim with a source and a time; it never changes evidence.  All have one contract
(:mod:`archive.feeds.contract`): an adapter (``folder``, ``pull`` or ``push``) yields rows with
their place; a pure reader for each kind (:mod:`archive.feeds.facts`) makes of each a fact or a
problem; :mod:`archive.feeds.taking` puts the facts on record.  No row is dropped silently, and the
same row twice makes two of nothing.
"""
