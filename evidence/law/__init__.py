"""How long must footage be kept, and who says so?  Rules over facts and dates; no clock, no store.

A **law pack** is data: what a jurisdiction demands, each rule with its citation, from a date on.
An agency publishes **rule sets** of the same form beside it; they can lengthen what the law demands
and never shorten it, since the longest rule that applies wins.

One rule: nothing here is ever a reason to dispose of anything.  It says until when footage must be
kept at least, and what forbids disposal whatever the date.
"""
