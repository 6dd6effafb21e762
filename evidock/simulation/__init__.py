"""Simulated cameras in a running home: kept apart from evidence, plugged in, and looked over."""
