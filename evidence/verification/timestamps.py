"""Step 11: RFC 3161 tokens say that others saw this checkpoint, and when.

One rule: a token counts only under a certificate that the reader brought.  Without one it is at
least seen to be of this checkpoint, and the step stays open.

A package's tokens are over its own checkpoint.  In a bare log, as it lies in a home, they are over
older heads, each of which lies beside its token and must be one that the log grew out of.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from cryptography import x509
from rfc3161_client import VerifierBuilder, decode_timestamp_response

from evidence.errors import DigestMismatch, LogBroken
from evidence.package import TIMESTAMPS
from evidence.verification.bag import DATA
from evidence.verification.case import Case
from evidence.verification.checkpoint import LARGEST, unbelieved
from evidence.verification.entries import must_be_of_log
from evidence.verification.files import below, read
from evidence.verification.verdict import DONE, Ending, Open, absent, impossible, waits

STAMPS = TIMESTAMPS.rstrip("/")
TOKEN, ABOUT = ".tsr", ".checkpoint"
"""Of a log: the authority's whole response, and the head that it is over."""
_SHA256 = "2.16.840.1.101.3.4.2.1"


def check_time(case: Case, step: Open) -> Ending:
    """Step 11."""
    tokens = list(below(case.files.names, DATA + STAMPS))
    if not tokens:
        return _nothing(case, step, DATA + STAMPS, "the package holds no time stamps")
    note = case.note
    if note is None:
        return impossible("there is no checkpoint to hold time stamps against")
    roots = _roots(case, step)
    for name in tokens:
        step.checked += 1
        with step.about(name):
            _check_token(read(case.files, name, LARGEST), note, roots)
    return _ending(case)


def check_stamps(case: Case, step: Open) -> Ending:
    """Step 11 of a bare log."""
    names = list(below(case.files.names, STAMPS))
    if not names:
        return _nothing(case, step, STAMPS, "no time stamps lie beside the log")
    if case.checkpoint is None or case.proven is None:
        return impossible("there is no log to hold time stamps against")
    newest, roots = case.checkpoint, _roots(case, step)
    for place, name in enumerate(names):
        case.told("checking time stamps", place, len(names))
        with step.about(name):
            if name.endswith(ABOUT):  # one without a token is what a crash leaves
                must_be_of_log(case, unbelieved(read(case.files, name, LARGEST)), newest)
            elif name.endswith(TOKEN):
                step.checked += 1
                about = read(case.files, name.removesuffix(TOKEN) + ABOUT, LARGEST)
                _check_token(read(case.files, name, LARGEST), about, roots)
            else:
                raise LogBroken("is no time stamp of a log")
    if step.checked == 0 and case.brought.tsa_ca is not None:  # heads alone are no time stamps
        return _nothing(case, step, STAMPS, "no time stamps lie beside the log")
    return _ending(case)


def _nothing(case: Case, step: Open, folder: str, why: str) -> Ending:
    """How the step ends where no time stamp is: certificates say that there must be one."""
    if case.brought.tsa_ca is None:
        return absent(why)
    step.found(folder, "certificates were given, and there is no time stamp")
    return DONE


def _ending(case: Case) -> Ending:
    if case.brought.tsa_ca is None:
        return waits("no certificates were given (--tsa-ca) to check time stamps with")
    return DONE


def _roots(case: Case, step: Open) -> Sequence[x509.Certificate]:
    """The reader's certificates; none if there are none, or they cannot be read."""
    roots: Sequence[x509.Certificate] = ()
    if case.brought.tsa_ca is not None:
        with step.about("certificates"):
            roots = x509.load_pem_x509_certificates(case.brought.tsa_ca)
    return roots


def _check_token(data: bytes, note: bytes, roots: Sequence[x509.Certificate]) -> None:
    response = decode_timestamp_response(data)
    imprint = response.tst_info.message_imprint
    if imprint.hash_algorithm.dotted_string != _SHA256:
        raise DigestMismatch("it is over another digest than SHA-256")
    if imprint.message != hashlib.sha256(note).digest():
        raise DigestMismatch("it is not of the checkpoint")
    if roots:
        builder = VerifierBuilder()
        for root in roots:
            builder = builder.add_root_certificate(root)
        builder.build().verify_message(response, note)
