"""What is made so that people can watch: renditions of originals, and never the originals.

Camera media is hostile input.  Everything here runs after the original is archived, reads a copy,
and proves what it made with digests of pictures, sound and times.
"""
