"""The steps at whose beginning and end a home is killed, by the name of their function.

``test_named_kills.py`` sees that every verb of the durable files, the journal and the vault is
here, or is named below with the reason why it is not.
"""

from __future__ import annotations

_DURABLE = "evidence.durable:"
_JOURNAL = "station.journal.journal:Journal."
_VAULT = "evidence.vault.s3:S3Vault."

STEPS = (
    # files
    *(
        _DURABLE + verb
        for verb in [
            "create",
            "create_same",
            "discard",
            "land",
            "make_folder",
            "replace",
            "sync_filesystem",
            "sync_folder",
            "take_over",
        ]
    ),
    "evidence.key_file:load_or_make",
    "evidock.home:Home.prepare",
    "evidock.publish:write_public",
    # the journal
    *(
        _JOURNAL + verb
        for verb in [
            "dock",
            "begun",
            "found",
            "pulled",
            "verified",
            "archived",
            "receipt_stored",
            "rendition_decided",
            "freed",
            "released",
            "erased",
            "found_gone",
            "undock_all_but",
            "try_stopped_again",
        ]
    ),
    # the station
    "station.enrol:Enrolment.key",
    "ingest.pull:pull",
    "ingest.staging:Staging.clear_mark",
    "ingest.staging:Staging.free",
    "ingest.verify:verify",
    "ingest.upload:Upload.run",
    "ingest.vault_put:put",
    "ingest.derive:derive",
    "ingest.release:read_again",
    "ingest.release:release",
    "station.card:FolderCard.erase",
    "station.outbox:Outbox._push",
    "station.receipts:Receipts.keep",
    "station.steps:Steps.run",
    # the archive
    "archive.intake:Intake.offer",
    "archive.intake:Intake.complete",
    "archive.intake:Intake._archive",
    "archive.intake:_commit",
    "archive.originals:see_bytes",
    "archive.originals:see_same",
    "archive.originals:keep_manifest",
    "archive.release:Releases.grant",
    "archive.stations:Stations.enrol",
    "archive.stations:Stations.push",
    "archive.catalogue.catalogue:Catalogue.run",
    "archive.tenure:Tenure.take",
    "archive.tenure:Tenure.claim",
    "archive.log.log:Log.integrate",
    "archive.log.log:Log._publish",
    "archive.log.store:TileStore.write",
    "archive.log.store:TileStore.publish",
    "archive.log.mirror:Mirror.run",
    # the vault
    *(
        _VAULT + verb
        for verb in ["put", "find", "read", "versions", "sign_put", "delete_version", "barrier"]
    ),
)

FIRST = (
    "archive.stations:Stations.enrol",
    "evidence.key_file:load_or_make",
    "evidence.durable:make_folder",
    "evidock.home:Home.prepare",
    "station.enrol:Enrolment.key",
)
"""Steps that a home makes only while it is new, or mostly then."""

LATE = ("station.journal.journal:Journal.found_gone",)
"""Steps that a home makes only once it knows something."""

_ASKS = "it only asks"
_FAULT = "it answers a fault of the card, which stands in tests/station"
_USB = "one transaction of cameras at USB, which this home has none of; see tests/station/usb"
_PEOPLE = "one transaction that a person asks for at the board; see test_calls.py, test_kiosk.py"
_ASSIGNS = ("assign", "unassign", "came_back", "give_badge", "take_badge")
_IN_PARTS = ("abandon_parts", "finish_parts", "sign_part", "start_parts")
_PARTS = "above 5 GiB only; tests/ingest and tests/archive/test_intake.py cut it off"

_OF_CAMERAS = ["change_begun", "change_ended", "change_refused", "device_refused", "told"]
NO_STEPS = {
    _DURABLE + "translate": "it only words an error",
    **{
        _JOURNAL + verb: _ASKS
        for verb in [
            "acts_after",
            "last_change",
            "last_docking",
            "archived_at",
            "arrived",
            "clip",
            "handed_in",
            "assignments",
            "dockings",
            "dockings_since",
            "items",
            "last_number",
            "of_officer",
            "officer_of",
            "open_calls",
            "openings",
            "openings_of",
            "owed",
            "paths_of",
            "snapshot",
            "standing_assignments",
            "taken_since",
            "totals",
            "travelling",
            "waiting_for_card",
        ]
    },
    **{_JOURNAL + verb: _FAULT for verb in ["differs", "erase_refused", "partial", "stop"]},
    _JOURNAL
    + "log_key_followed": "one transaction, done again; see tests/station/test_repinning.py",
    **{_JOURNAL + verb: _USB for verb in _OF_CAMERAS},
    **{_JOURNAL + verb: _PEOPLE for verb in [*("answer", "call", "choose"), *_ASSIGNS]},
    _DURABLE + "discard_folder": "the Axis spool's; tests/crash/test_axis_cut.py walks it",
    _JOURNAL + "mailed": "one row; tests/station/test_post.py kills before and after it",
    _JOURNAL + "open": "nothing is done yet; migrations are killed in tests/evidence/migration",
    _JOURNAL + "close": "nothing is done any more",
    _JOURNAL + "undock": "cards are taken while the station runs in tests/station",
    **{_VAULT + verb: _ASKS for verb in ("bucket_name", "sign_get")},
    **{_VAULT + verb: _PARTS for verb in _IN_PARTS},
    _VAULT
    + "set_legal_hold": "of held clips only; repeated until it is read back, tests/archive cut it",
    _VAULT
    + "extend_lock": "only for bytes that come again a day later; asked again at every offer",
}
