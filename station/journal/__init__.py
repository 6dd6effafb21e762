"""The station's journal: what it knows of every file it ever saw, and its signed entries.

One rule: a fact about a clip and the custody entry that states it are one transaction, and the
database refuses one without the other.  Only this package knows that there is a database.
"""
