"""The command and the wiring: the only place where the parts of the product meet.

Nobody imports it.  Data goes to stdout, talk to stderr; exit codes are in ``docs/exit-codes.md``.
"""
