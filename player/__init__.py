"""The reviewer's window: signing in, finding clips and watching them.

It has no database and no vault key.  It asks the archive for a grant, which is recorded before the
first byte, and streams what the grant allows.
"""
