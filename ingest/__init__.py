"""One clip's journey from a camera to the vault.

Each step is one verb in one file: pull, verify, upload, release.  Every step is idempotent and ends
in a fact that survives a power cut, so after a crash the next step is simply run again.  The
journey asks only for a clip source and an archive; it does not know what a dock or a service is.
"""
