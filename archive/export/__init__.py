"""Evidence packages: a selection of clips, taken out so that anyone can check it.

``order`` says what is asked for, ``plan`` what the package will hold, ``proofs`` shows that its
entries are in the log, ``bag`` writes it down, ``contents`` fills it, ``timeline`` and ``case`` are
for people and for CASE tools, and ``exports`` keeps the one order of it all.
``docs/packages.md`` says what a recipient finds.
"""
