"""What the archive knows of every clip, in tables that only the archive writes.

A clip's state changes only together with its custody entry; the database refuses one without the
other.
"""
