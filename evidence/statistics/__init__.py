"""The figures of an archive and the formulas behind them; ``docs/statistics.md`` has the same.

One rule: every figure leads to the list of what it counts.  So a formula is a verdict on one clip
or one incident (:mod:`evidence.statistics.verdicts`), and a rate is nothing but verdicts counted.
What a verdict cannot be given on is left out, and named; a rate of nothing has no value.
"""
