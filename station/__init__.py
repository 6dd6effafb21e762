"""The collection workstation: a camera is docked, its clips are found and sent on their journey.

It holds docks, cameras, their profiles, its own journal and the board officers look at.  It works
for days without an archive, and holds no credential of the object store.
"""
