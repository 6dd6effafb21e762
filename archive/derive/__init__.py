"""Background work of the archive on media: a queue in the catalogue, and what is done for it.

A kind of work is a :class:`archive.derive.worker.Task`.  It reads originals back from the vault,
runs media tools through ``ingest.rendition`` only, and hands its result to the queue, which keeps
result, custody entry and the end of the job in one transaction.
"""
