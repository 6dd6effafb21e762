"""Step 11: RFC 3161 tokens say that others saw this checkpoint, and when.

One rule: a token counts only under a certificate that the reader brought.  Without one it is at
least seen to be of this checkpoint, and the step stays open.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from cryptography import x509
from rfc3161_client import VerifierBuilder, decode_timestamp_response

from evidence.errors import DigestMismatch
from evidence.package import TIMESTAMPS
from evidence.verification.bag import DATA
from evidence.verification.case import Case
from evidence.verification.files import below, read
from evidence.verification.verdict import DONE, Ending, Open, absent, impossible, waits

_LARGEST = 1 << 20
_SHA256 = "2.16.840.1.101.3.4.2.1"


def check_time(case: Case, step: Open) -> Ending:
    """Step 11."""
    tokens = list(below(case.files.names, DATA + TIMESTAMPS.rstrip("/")))
    if not tokens and case.brought.tsa_ca is None:
        return absent("the package holds no time stamps")
    if not tokens:
        step.found("data/timestamps", "certificates were given, and there is no time stamp")
        return DONE
    if case.note is None:
        return impossible("there is no checkpoint to hold time stamps against")
    roots: Sequence[x509.Certificate] = ()
    if case.brought.tsa_ca is not None:
        with step.about("certificates"):
            roots = x509.load_pem_x509_certificates(case.brought.tsa_ca)
    for name in tokens:
        step.checked += 1
        with step.about(name):
            _check_token(read(case.files, name, _LARGEST), case.note, roots)
    if case.brought.tsa_ca is None:
        return waits("no certificates were given (--tsa-ca) to check time stamps with")
    return DONE


def _check_token(data: bytes, note: bytes, roots: Sequence[x509.Certificate]) -> None:
    response = decode_timestamp_response(data)
    imprint = response.tst_info.message_imprint
    if imprint.hash_algorithm.dotted_string != _SHA256:
        raise DigestMismatch("it is over another digest than SHA-256")
    if imprint.message != hashlib.sha256(note).digest():
        raise DigestMismatch("it is not of this checkpoint")
    if roots:
        builder = VerifierBuilder()
        for root in roots:
            builder = builder.add_root_certificate(root)
        builder.build().verify_message(response, note)
