"""What the archive hears from other systems: dispatch incidents, so that clips can be linked.

A feed is a claim with a source and a time; it never changes evidence.
"""
