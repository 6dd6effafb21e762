"""Reading a card's medium without mounting it: not one write reaches the camera.

FAT12, FAT16, FAT32 and exFAT are read from the block device itself.  Everything on it is a claim of
a stranger: what contradicts itself is named and left out, and the rest is read all the same.
"""
