"""The long-term keeper of evidence.

It takes clips in, writes the custody log, keeps the catalogue, links clips to incidents, holds the
locks on originals and answers the player.  Nothing is ARCHIVED before the vault's own copy was read
back, and no act happens without its custody entry.
"""
