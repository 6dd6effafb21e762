"""Whether an evidence package, a log or a receipt is genuine, for people who trust nobody here.

One rule: the verifier believes what its reader brought (a policy file), and of the rest only what
follows from it.  ``docs/packages.md`` has the thirteen steps; text, code and page share their
numbers.

============  ==================================================================================
module        steps
============  ==================================================================================
bag           1 policy, 2 bag
checkpoint    3 checkpoint
entries       4 entries
statement     5 statement
acts          6 acts
clips         7 openings, 8 originals
renditions    9 renditions
keeping       10 keeping
timestamps    11 time
completeness  12 completeness
dossiers      13 dossiers
============  ==================================================================================
"""
