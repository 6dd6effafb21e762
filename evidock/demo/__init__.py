"""The demonstration: sample cards, a dispatch list, and cameras that dock one after another."""
