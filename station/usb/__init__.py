"""Cameras on the bus: what they say they are, and whether they may be that here."""
