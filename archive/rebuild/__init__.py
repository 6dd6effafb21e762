"""The evidence tables made from vault and log only.

One rule: what is written follows from entries under a signed checkpoint, and from objects whose
digests or commitments stand in them.  What cannot be had is named, and its place is left empty or
marked; nothing is guessed.

``source`` is where files and objects come from, ``history`` the log among them that is whole and
true, ``folding`` what its entries make of rows, ``bringing`` puts them into a catalogue: all of
them (``evidock rebuild``), or those after the ones that are there (a restored backup).
"""
