"""Benchmarks: the product beside a named peer, in turn, in one run (``docs/benchmarks.md``).

One rule: a claim about speed is a ratio that one of these printed.  Machines differ and drift, so
seconds alone say nothing; two contestants that ran in turn on one machine do.
"""
