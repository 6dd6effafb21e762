"""What evidence is: the core that station, ingest, archive and player share.

Each module here is one idea of the domain, and the rules among them do no I/O.  The words below
mean the same thing everywhere in the product, in code, logs, messages and documents.

acquisition
    How a clip's bytes came here: docked, pushed or imported (:mod:`evidence.acquisition`).
agency
    One trust domain: its own log, keys and buckets.  Units inside it are a matter of rights only.
anchor
    Roots over all entries of the log by other hashes, put into the log (:mod:`evidence.anchoring`).
archive
    The long-term keeper: takes clips in, keeps the catalogue, the log and the links.
assignment
    A span for which a camera was issued to an officer: said at a station, or told by a feed.
card
    The storage of one docked camera.  On a folder dock, one sub-folder of the dock root.
checkpoint
    The signed head of the log (C2SP tlog-checkpoint): origin, size, root hash.
choice
    What somebody with an officer's badge said at a station's board of a clip.
claim
    What a camera says of itself (name, clock, officer).  Recorded, shown, never trusted.
class
    What kind of thing the camera held: :class:`evidence.clip.ClipClass`.
clip
    (camera identity, path on the card, SHA-256).  Docked again it is the same clip.
commitment, opening
    SHA-256(salt ‖ value), which a log entry may hold; the value and salt that open it.
copy
    What the second vault holds of a clip, read back there and compared with the log.
coverage
    Which incidents have their footage, worked out whenever it is asked for
    (:mod:`evidence.coverage`).
custody entry
    One act on evidence, as canonical JSON; a leaf of the log.
course
    What happened in a case or an event, in order of time: one page replays it.
digest
    The SHA-256 of content, always; SM3 may stand beside it (:mod:`evidence.digests`).
disposal
    To destroy one clip's bytes, when seven rules allow it (:mod:`evidence.disposal`).
dock
    To put a camera on its workstation, and the place where it stands.
document
    A file that a person added to a case; kept write-once, like footage.
dossier
    A versioned index of a case's clips, documents and hashes; it grows, and never changes
    (:mod:`evidence.dossier`).
draw
    A random choice of clips and of who looks at them, which anyone can recompute
    (:mod:`evidence.drawing`).
duty
    A span for which an officer was rostered, and the unit it was for.
excuse
    Why an officer's part in an event has no recording; counts once another person agrees.
feed
    What another system tells (:mod:`evidence.feed_settings`): a claim with a source and a time.
figure
    A count of verdicts on clips or incidents, with the list of them (:mod:`evidence.statistics`).
finding
    What somebody must answer by a deadline, and another person closes.
fleet
    The stations and cameras of an agency, and how they are.  No evidence.
group
    The clips of several cameras at one event: they overlap in time and place.
hearing
    To ask a camera what it can tell before it becomes a disk.  What was heard is a claim.
impact list
    The clips that would be kept for less, with both dates: what two persons agree to.
import
    To take in, as a weaker acquisition, files that a person hands in.
incident, event, case
    One officer's part in what dispatch sent officers to; all parts with one number; what an
    investigation is filed under.
journal
    A station's own signed, gapless list of entries, sequenced into the log by the archive.
lease
    How far the object lock of a version reaches; it covers the retention, step by step.
law pack, rule set, rulebook
    What a jurisdiction demands, as data; what an agency adds; both, as they count for an archive.
legal hold
    What a store keeps a version by without a date, beside its lock; held and permanent clips have
    one.
link, standing
    That a clip belongs to an incident, and what that is worth (:mod:`evidence.linking`).
log
    The agency's append-only Merkle tree of custody entries (C2SP tlog-tiles).
manifest
    The sidecar object that opens a clip's commitments; kept and disposed with its clip.
marker
    A person's word that a clip shows something, at a moment of it or as a whole
    (:mod:`evidence.marking`).
notice
    Word to people that a clip's time ends then.
outage
    That recorders of rooms were down from when to when, and why: explains gaps once another person
    agrees.
original
    The bytes the camera held.  Never changed, never re-encoded.
placing
    A person's word that a clip is in a case, whatever incidents say.
population
    The clips and the checkers that a draw is from, fixed before its seed exists
    (:mod:`evidence.drawing`).
profile
    Data that says how one model of camera names and lays out what it records.
proposal
    What one person wants, and another must agree to before it takes effect.
receipt
    A C2SP tlog-proof: that an entry is in the log under a checkpoint.
release
    To let the camera forget.
rendition
    What is made of an original for watching.  Never evidence by itself.
repair
    To store anew, as a new version, what is wrong in one vault and right in the other.
retention
    Until when a clip must be kept, and the rule that says so.
review
    One clip that was drawn, and the checker who looks at it; void once nobody can.
seal
    From the approval of its disposal on nobody is given a clip's footage.
second vault
    Another object store, in another failure domain, for a copy of everything.
sheet
    The scores of one review; its questions are data (:mod:`evidence.sheet`).
staging
    The station's own disk, where a pulled copy waits until the archive holds it.
state
    A fact about a clip that survives a power cut: :class:`evidence.clip.ClipState`.
stay
    One person's time in a case-handling area, from entry to exit, as spans in rooms that a feed
    tells.
tombstone
    The entry that says that none of a clip's bytes is left (:mod:`evidence.tombstone`).
vault
    The object store that keeps originals and records write-once.
verdict
    What a checker says of one point of a sheet, or a figure of one clip or incident.
withdrawn
    Told by a feed, or said by a person, and no longer stood by; that it was stays on record.
work list
    Things that somebody should look at, since nothing says what they belong to.
"""
