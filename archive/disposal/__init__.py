"""Disposal: a clip's bytes are destroyed, once two persons, the law and two clocks allow it.

One rule: nothing is destroyed before ``dispose.begin`` is on record and signed for, and nothing is
said to be gone before it was seen to be.

:mod:`noticing` tells people whose time ends, :mod:`walking` destroys, by the rules of
:mod:`evidence.disposal`; :mod:`outside` asks others for the time; :mod:`objects` finds and destroys
the versions of one clip in one vault.
"""
