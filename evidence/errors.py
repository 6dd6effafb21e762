"""What can go wrong, sorted by who must act.

Three families cover a running pipeline:

* :class:`CameraError`: the officer acts (dock the camera again, clean the contacts).
* :class:`TemporaryError`: the machine acts (it tries again later; nothing is lost meanwhile).
* :class:`IntegrityError`: a person in charge acts.  Never retried, never swallowed.

:class:`SetupError` stands beside them: the product refused to start, so nothing has run yet;
or, as :class:`OfficeLost`, to go on beside another one that it was set up with.
Every class owns a process exit code and a sentence of advice; ``docs/exit-codes.md`` lists them
and ``tests/architecture`` holds the two together.
"""

from __future__ import annotations

from typing import ClassVar


class EvidenceError(Exception):
    """Root of every error this product raises on purpose.

    ``str(error)`` says what failed and where; :attr:`advice` says what to do about it.
    """

    exit_code: ClassVar[int] = 70
    default_advice: ClassVar[str] = "Report this with the log: it should have had its own name."

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        super().__init__(message)
        self.advice = advice if advice is not None else self.default_advice


class SetupError(EvidenceError):
    """The product cannot start as it is configured or installed."""

    exit_code = 40
    default_advice = "Correct the named setting or install what is missing, then start again."


class InColdStorage(SetupError):
    """The store has an object and gives it only hours after somebody asked the store for it."""

    exit_code = 43
    default_advice = (
        "It lies in cold storage, and nothing is lost. Have the store restore it, and take away the"
        " lifecycle rule that moved it: docs/engines.md#cold-storage."
    )


class FactsWouldBeLost(SetupError):
    """Going back to older tables would drop what they have no place for."""

    exit_code = 41
    default_advice = (
        "Stay with this version: nothing was changed. Only a backup from before the upgrade goes"
        " further back."
    )


class OfficeLost(SetupError):
    """Another archive signs for this log now, so this one has ended."""

    exit_code = 42
    default_advice = (
        "Nothing was signed here since. See which archive is to serve; start this one again as a"
        " standby, with [archive] standby = true (docs/database.md)."
    )


class CameraError(EvidenceError):
    """The camera or its card did not give what it promised."""

    exit_code = 10
    default_advice = "Dock the camera again; what was copied so far is kept."


class CardGone(CameraError):
    """The card left, or stopped answering, while it was being read."""

    exit_code = 11
    default_advice = "Dock the camera again: copying goes on at the byte where it stopped."


class CardReadFailed(CameraError):
    """The card answered a read with an error."""

    exit_code = 12
    default_advice = "Keep the camera aside and call the evidence clerk: the card may be failing."


class FileStillChanging(CameraError):
    """A file grew, shrank or was rewritten while it was being copied."""

    exit_code = 13
    default_advice = "Leave the camera docked; the file is copied once it holds still."


class FileRefused(CameraError):
    """Something on the card is not a file that can hold footage (link, device, pipe)."""

    exit_code = 14
    default_advice = (
        "Nothing to do: there is no original behind this name. It is listed with its reason."
    )


class CardWriteFailed(CameraError):
    """The card does not let a file be removed."""

    exit_code = 15
    default_advice = (
        "Its footage is archived; take the card's write protection off if it is to be cleared."
    )


class CameraSilent(CameraError):
    """The camera does not answer in its time."""

    exit_code = 16
    default_advice = "Undock the camera, see that it is switched on, and dock it again."


class CameraRefused(CameraError):
    """The camera does not take what is said to it, or answers what is no good answer."""

    exit_code = 17
    default_advice = (
        "See that its profile is the camera's (firmware_profiles/README.md) and its password that"
        " of [station] camera_passwords; if the camera can be made a disk by hand, do so."
    )


class NothingShown(CameraError):
    """The device shows no storage: a phone does not, until its owner lets it."""

    exit_code = 18
    default_advice = (
        "Unlock the phone and choose file transfer on it; of a camera, see that a card is in it."
    )


class NotHandedOut(CameraError):
    """No camera is handed out from the dock; :attr:`why` is one of ``WHY``, for pages."""

    exit_code = 19
    default_advice = "Wait until a camera is ready, or call a supervisor."
    WHY: ClassVar[tuple[str, ...]] = ("none-ready", "not-yet", "elsewhere", "taken", "no-badge")

    def __init__(self, message: str, *, why: str) -> None:
        super().__init__(message)
        self.why = why


class TemporaryError(EvidenceError):
    """Something outside the evidence is not working right now."""

    exit_code = 20
    default_advice = "Nothing to do: it is tried again by itself."


class ArchiveUnreachable(TemporaryError):
    """The archive service does not answer."""

    exit_code = 21
    default_advice = "Footage is safe on the station; it is sent when the archive answers again."


class VaultUnreachable(TemporaryError):
    """The object store does not answer, or answers with a server error."""

    exit_code = 22
    default_advice = "Footage is safe where it is; storing goes on when the store answers again."


class DiskFull(TemporaryError):
    """There is no room left where a copy must be written."""

    exit_code = 23
    default_advice = (
        "Free space on the named disk; copying goes on by itself. Do not clear a camera."
    )


class HomeBusy(TemporaryError):
    """Another process of ours holds this home."""

    exit_code = 24
    default_advice = "Use the running process, or stop it first."


class RenditionFailed(TemporaryError):
    """No playback rendition could be made of a file; its original is not affected."""

    exit_code = 25
    default_advice = (
        "The original is archived bit for bit; play it with a tool that knows the format."
    )


class RunningHomeRefused(TemporaryError):
    """The process that runs a home refused what was asked; the message is its own."""

    exit_code = 26
    default_advice = "Do what the running process says."


class IntakeStopped(TemporaryError):
    """The archive takes nothing in, since its vault failed a canary or did not answer it yet."""

    exit_code = 27
    default_advice = (
        "Footage is safe on the stations; do not clear a camera. Have the object store examined"
        " (docs/faults.md), then say so: evidock vault accept."
    )


class ClockWrong(TemporaryError):
    """The archive's clock shows a time that cannot be: no lease may be counted from it."""

    exit_code = 28
    default_advice = (
        "Set the clock right, then start the archive again. Footage waits on the stations."
    )


class MailNotSent(TemporaryError):
    """The mail server did not take a mail, or nobody knows whether it did."""

    exit_code = 29
    default_advice = "See [mail] in the settings; the mail is kept, and sent again by itself."


class IntegrityError(EvidenceError):
    """Evidence, or the record of it, is not what it must be."""

    exit_code = 30
    default_advice = "Stop, keep everything as it is, and tell the evidence clerk."


class DigestMismatch(IntegrityError):
    """Two readings that must give the same bytes did not."""

    exit_code = 31


class LockMissing(IntegrityError):
    """A stored object does not carry the lock it was stored with."""

    exit_code = 32
    default_advice = (
        "Do not clear any camera. Have the object store examined: it does not keep its locks."
    )


class VaultUnfit(IntegrityError):
    """The object store failed a probe that evidence relies on."""

    exit_code = 33
    default_advice = "Do not store evidence here; use a store that passes the named probe."


class LogBroken(IntegrityError):
    """The custody log, a checkpoint or a proof does not verify."""

    exit_code = 34


class UnrecordedChange(IntegrityError):
    """Something tried to change a clip's state without a custody entry."""

    exit_code = 35


class Refused(IntegrityError):
    """A request was not allowed: wrong signature, wrong person, wrong state."""

    exit_code = 36
    default_advice = "Use an account or station that has this right; the attempt is on record."


class OutOfTurn(IntegrityError):
    """A request came before what it builds on, or after what would have made it true."""

    exit_code = 37
    default_advice = "Do the named earlier step first, then ask again."


class NotKnown(IntegrityError):
    """A request names something that is not in the record."""

    exit_code = 38
    default_advice = "Check the id: it was never given out here, or belongs to another home."


class EraseForbidden(IntegrityError):
    """A fact is missing without which nothing may be erased from a camera."""

    exit_code = 39
    default_advice = (
        "Nothing was erased. Leave the file on the camera; it is tried again at the next dock."
    )

    def __init__(self, fact: int, message: str) -> None:
        super().__init__(f"fact {fact} of the erase proof is missing: {message}")
        self.fact = fact
