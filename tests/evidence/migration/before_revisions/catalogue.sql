BEGIN TRANSACTION;
CREATE TABLE clip (
	id VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	by_entry INTEGER NOT NULL, 
	archived_entry INTEGER NOT NULL, 
	camera VARCHAR NOT NULL, 
	path_hex VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	clip_class VARCHAR NOT NULL, 
	profile VARCHAR NOT NULL, 
	station VARCHAR NOT NULL, 
	officer VARCHAR, 
	officer_key VARCHAR, 
	started VARCHAR, 
	claimed_start VARCHAR, 
	clock_offset_ms INTEGER, 
	important BOOLEAN NOT NULL, 
	latitude VARCHAR, 
	longitude VARCHAR, 
	received VARCHAR NOT NULL, 
	bucket VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	version_id VARCHAR NOT NULL, 
	lock_mode VARCHAR NOT NULL, 
	lock_until VARCHAR NOT NULL, 
	retain_until VARCHAR NOT NULL, 
	retain_rule VARCHAR NOT NULL, 
	manifest_sha256 VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (camera, path_hex, sha256), 
	FOREIGN KEY(by_entry) REFERENCES entry (seq), 
	FOREIGN KEY(archived_entry) REFERENCES entry (seq), 
	FOREIGN KEY(station) REFERENCES station (id)
);
INSERT INTO "clip" VALUES('clip.id-0','FOUND',1,1,'clip.camera-0','clip.path_hex-0','clip.name-0','clip.sha256-0',1,'clip.clip_class-0','clip.profile-0','station.id-0','clip.officer-0','clip.officer_key-0','clip.started-0','clip.claimed_start-0',1,1,'clip.latitude-0','clip.longitude-0','clip.received-0','clip.bucket-0','clip.key-0','clip.version_id-0','clip.lock_mode-0','clip.lock_until-0','clip.retain_until-0','clip.retain_rule-0','clip.manifest_sha256-0');
INSERT INTO "clip" VALUES('clip.id-1','FOUND',2,2,'clip.camera-1','clip.path_hex-1','clip.name-1','clip.sha256-1',2,'clip.clip_class-1','clip.profile-1','station.id-1','clip.officer-1','clip.officer_key-1','clip.started-1','clip.claimed_start-1',2,1,'clip.latitude-1','clip.longitude-1','clip.received-1','clip.bucket-1','clip.key-1','clip.version_id-1','clip.lock_mode-1','clip.lock_until-1','clip.retain_until-1','clip.retain_rule-1','clip.manifest_sha256-1');
CREATE TABLE derived (
	clip VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	version_id VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	PRIMARY KEY (clip, name), 
	FOREIGN KEY(clip) REFERENCES clip (id)
);
INSERT INTO "derived" VALUES('clip.id-0','derived.name-0','derived.key-0','derived.version_id-0',1,'derived.sha256-0');
INSERT INTO "derived" VALUES('clip.id-1','derived.name-1','derived.key-1','derived.version_id-1',2,'derived.sha256-1');
CREATE TABLE enrolment (
	code_sha256 VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	expires VARCHAR NOT NULL, 
	used BOOLEAN NOT NULL, 
	PRIMARY KEY (code_sha256)
);
INSERT INTO "enrolment" VALUES('enrolment.code_sha256-0','enrolment.name-0','enrolment.expires-0',1);
INSERT INTO "enrolment" VALUES('enrolment.code_sha256-1','enrolment.name-1','enrolment.expires-1',1);
CREATE TABLE entry (
	seq INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	"by" VARCHAR NOT NULL, 
	clip VARCHAR, 
	state VARCHAR, 
	raw BLOB NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "entry" VALUES(1,'entry.kind-0','entry.by-0','clip.id-0','FOUND',X'656E7472792E7261772D30');
INSERT INTO "entry" VALUES(2,'entry.kind-1','entry.by-1','clip.id-1','FOUND',X'656E7472792E7261772D31');
CREATE TABLE failed_sign_in (
	id INTEGER NOT NULL, 
	name_key VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "failed_sign_in" VALUES(1,'failed_sign_in.name_key-0','failed_sign_in.at-0');
INSERT INTO "failed_sign_in" VALUES(2,'failed_sign_in.name_key-1','failed_sign_in.at-1');
CREATE TABLE feed_file (
	path VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	mtime_ns INTEGER NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	encoding VARCHAR NOT NULL, 
	valid INTEGER NOT NULL, 
	ignored_columns VARCHAR NOT NULL, 
	PRIMARY KEY (path)
);
INSERT INTO "feed_file" VALUES('feed_file.path-0',1,1,'feed_file.sha256-0','feed_file.encoding-0',1,'feed_file.ignored_columns-0');
INSERT INTO "feed_file" VALUES('feed_file.path-1',2,2,'feed_file.sha256-1','feed_file.encoding-1',2,'feed_file.ignored_columns-1');
CREATE TABLE feed_problem (
	path VARCHAR NOT NULL, 
	"row" INTEGER NOT NULL, 
	reason VARCHAR NOT NULL, 
	PRIMARY KEY (path, "row")
);
INSERT INTO "feed_problem" VALUES('feed_problem.path-0',1,'feed_problem.reason-0');
INSERT INTO "feed_problem" VALUES('feed_problem.path-1',2,'feed_problem.reason-1');
CREATE TABLE holder (
	clip VARCHAR NOT NULL, 
	station VARCHAR NOT NULL, 
	PRIMARY KEY (clip, station), 
	FOREIGN KEY(station) REFERENCES station (id)
);
INSERT INTO "holder" VALUES('holder.clip-0','station.id-0');
INSERT INTO "holder" VALUES('holder.clip-1','station.id-1');
CREATE TABLE incident (
	id VARCHAR NOT NULL, 
	by_entry INTEGER NOT NULL, 
	number VARCHAR NOT NULL, 
	officer VARCHAR NOT NULL, 
	officer_key VARCHAR NOT NULL, 
	nth INTEGER NOT NULL, 
	dispatched VARCHAR NOT NULL, 
	cleared VARCHAR NOT NULL, 
	call_type VARCHAR, 
	case_id VARCHAR, 
	salt BLOB NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (number, officer_key, nth), 
	FOREIGN KEY(by_entry) REFERENCES entry (seq)
);
INSERT INTO "incident" VALUES('incident.id-0',1,'incident.number-0','incident.officer-0','incident.officer_key-0',1,'incident.dispatched-0','incident.cleared-0','incident.call_type-0','incident.case_id-0',X'696E636964656E742E73616C742D30');
INSERT INTO "incident" VALUES('incident.id-1',2,'incident.number-1','incident.officer-1','incident.officer_key-1',2,'incident.dispatched-1','incident.cleared-1','incident.call_type-1','incident.case_id-1',X'696E636964656E742E73616C742D31');
CREATE TABLE journal (
	station VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (station, number), 
	FOREIGN KEY(station) REFERENCES station (id), 
	FOREIGN KEY(entry) REFERENCES entry (seq)
);
INSERT INTO "journal" VALUES('station.id-0',1,1);
INSERT INTO "journal" VALUES('station.id-1',2,2);
CREATE TABLE link (
	clip VARCHAR NOT NULL, 
	incident VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	seconds_outside INTEGER NOT NULL, 
	by_entry INTEGER NOT NULL, 
	PRIMARY KEY (clip, incident), 
	FOREIGN KEY(clip) REFERENCES clip (id), 
	FOREIGN KEY(incident) REFERENCES incident (id), 
	FOREIGN KEY(by_entry) REFERENCES entry (seq)
);
INSERT INTO "link" VALUES('clip.id-0','incident.id-0','link.reason-0',1,1);
INSERT INTO "link" VALUES('clip.id-1','incident.id-1','link.reason-1',2,2);
CREATE TABLE nonce (
	station VARCHAR NOT NULL, 
	nonce VARCHAR NOT NULL, 
	created INTEGER NOT NULL, 
	PRIMARY KEY (station, nonce)
);
INSERT INTO "nonce" VALUES('nonce.station-0','nonce.nonce-0',1);
INSERT INTO "nonce" VALUES('nonce.station-1','nonce.nonce-1',2);
CREATE TABLE offer (
	clip VARCHAR NOT NULL, 
	camera VARCHAR NOT NULL, 
	path_hex VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	station VARCHAR NOT NULL, 
	details BLOB NOT NULL, 
	received VARCHAR NOT NULL, 
	upload VARCHAR, 
	upload_begun VARCHAR, 
	problem VARCHAR, 
	PRIMARY KEY (clip), 
	UNIQUE (camera, path_hex, sha256), 
	FOREIGN KEY(station) REFERENCES station (id)
);
INSERT INTO "offer" VALUES('offer.clip-0','offer.camera-0','offer.path_hex-0','offer.sha256-0','station.id-0',X'6F666665722E64657461696C732D30','offer.received-0','offer.upload-0','offer.upload_begun-0','offer.problem-0');
INSERT INTO "offer" VALUES('offer.clip-1','offer.camera-1','offer.path_hex-1','offer.sha256-1','station.id-1',X'6F666665722E64657461696C732D31','offer.received-1','offer.upload-1','offer.upload_begun-1','offer.problem-1');
CREATE TABLE person (
	id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	name_key VARCHAR NOT NULL, 
	name_salt BLOB NOT NULL, 
	officer VARCHAR, 
	officer_salt BLOB, 
	role VARCHAR NOT NULL, 
	password_hash VARCHAR NOT NULL, 
	by_entry INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name_key), 
	FOREIGN KEY(by_entry) REFERENCES entry (seq)
);
INSERT INTO "person" VALUES('person.id-0','person.name-0','person.name_key-0',X'706572736F6E2E6E616D655F73616C742D30','person.officer-0',X'706572736F6E2E6F6666696365725F73616C742D30','person.role-0','person.password_hash-0',1);
INSERT INTO "person" VALUES('person.id-1','person.name-1','person.name_key-1',X'706572736F6E2E6E616D655F73616C742D31','person.officer-1',X'706572736F6E2E6F6666696365725F73616C742D31','person.role-1','person.password_hash-1',2);
CREATE TABLE rejected (
	version_id VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	PRIMARY KEY (version_id)
);
INSERT INTO "rejected" VALUES('rejected.version_id-0','rejected.sha256-0');
INSERT INTO "rejected" VALUES('rejected.version_id-1','rejected.sha256-1');
CREATE TABLE rendition (
	clip VARCHAR NOT NULL, 
	by_entry INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	segments INTEGER NOT NULL, 
	duration_ms INTEGER, 
	width INTEGER, 
	height INTEGER, 
	frames INTEGER, 
	original_codec VARCHAR, 
	picture_digest VARCHAR, 
	problem VARCHAR, 
	PRIMARY KEY (clip), 
	FOREIGN KEY(clip) REFERENCES clip (id), 
	FOREIGN KEY(by_entry) REFERENCES entry (seq)
);
INSERT INTO "rendition" VALUES('clip.id-0',1,'rendition.kind-0',1,1,1,1,1,'rendition.original_codec-0','rendition.picture_digest-0','rendition.problem-0');
INSERT INTO "rendition" VALUES('clip.id-1',2,'rendition.kind-1',2,2,2,2,2,'rendition.original_codec-1','rendition.picture_digest-1','rendition.problem-1');
CREATE TABLE schema (
	version INTEGER NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "schema" VALUES(1);
CREATE TABLE session (
	token_sha256 VARCHAR NOT NULL, 
	person VARCHAR NOT NULL, 
	opened VARCHAR NOT NULL, 
	used VARCHAR NOT NULL, 
	PRIMARY KEY (token_sha256), 
	FOREIGN KEY(person) REFERENCES person (id)
);
INSERT INTO "session" VALUES('session.token_sha256-0','person.id-0','session.opened-0','session.used-0');
INSERT INTO "session" VALUES('session.token_sha256-1','person.id-1','session.opened-1','session.used-1');
CREATE TABLE station (
	id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	public_key VARCHAR NOT NULL, 
	journal_through INTEGER NOT NULL, 
	by_entry INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (public_key), 
	FOREIGN KEY(by_entry) REFERENCES entry (seq)
);
INSERT INTO "station" VALUES('station.id-0','station.name-0','station.public_key-0',1,1);
INSERT INTO "station" VALUES('station.id-1','station.name-1','station.public_key-1',2,2);
CREATE TABLE view_reason (
	entry INTEGER NOT NULL, 
	reason VARCHAR NOT NULL, 
	salt BLOB NOT NULL, 
	PRIMARY KEY (entry), 
	FOREIGN KEY(entry) REFERENCES entry (seq)
);
INSERT INTO "view_reason" VALUES(1,'view_reason.reason-0',X'766965775F726561736F6E2E73616C742D30');
INSERT INTO "view_reason" VALUES(2,'view_reason.reason-1',X'766965775F726561736F6E2E73616C742D31');
CREATE INDEX ix_entry_clip ON entry (clip);
CREATE INDEX ix_rejected_sha256 ON rejected (sha256);
CREATE INDEX ix_nonce_created ON nonce (created);
CREATE INDEX ix_failed_sign_in_name_key ON failed_sign_in (name_key);
CREATE INDEX incident_by_officer ON incident (officer_key);
CREATE INDEX clip_by_officer ON clip (officer_key);
CREATE INDEX clip_by_age ON clip (archived_entry);
CREATE INDEX clip_by_digest ON clip (sha256);
CREATE INDEX ix_session_used ON session (used);
CREATE INDEX ix_link_incident ON link (incident);
CREATE TRIGGER entry_is_not_replaced BEFORE INSERT ON entry
    WHEN EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq) BEGIN
        SELECT RAISE(ABORT, 'unrecorded: custody entries are never replaced');
    END;
CREATE TRIGGER clip_is_not_replaced BEFORE INSERT ON clip
    WHEN EXISTS (SELECT 1 FROM clip WHERE id = NEW.id) BEGIN
        SELECT RAISE(ABORT, 'unrecorded: clips are never replaced in the record');
    END;
CREATE TRIGGER entry_is_unchanging BEFORE UPDATE ON entry BEGIN
    SELECT RAISE(ABORT, 'unrecorded: custody entries are never changed'); END;
CREATE TRIGGER entry_is_kept BEFORE DELETE ON entry BEGIN
    SELECT RAISE(ABORT, 'unrecorded: custody entries are never deleted'); END;
CREATE TRIGGER clip_starts_recorded BEFORE INSERT ON clip BEGIN 
    SELECT RAISE(ABORT, 'unrecorded: no new custody entry brings this clip to this state')
    WHERE NOT EXISTS (SELECT 1 FROM entry
                      WHERE seq = NEW.by_entry AND clip = NEW.id AND state = NEW.state);
 END;
CREATE TRIGGER clip_moves_recorded BEFORE UPDATE OF state, by_entry ON clip
    WHEN NEW.state IS NOT OLD.state OR NEW.by_entry IS NOT OLD.by_entry BEGIN
    SELECT RAISE(ABORT, 'unrecorded: a state change needs an entry of its own')
    WHERE NEW.by_entry <= OLD.by_entry;
    SELECT RAISE(ABORT, 'unrecorded: this move is not in the table of moves')
    WHERE NEW.state IS NOT OLD.state
    AND (OLD.state, NEW.state) NOT IN (VALUES ('FOUND', 'PULLED'), ('PULLED', 'VERIFIED'), ('VERIFIED', 'ARCHIVED'), ('ARCHIVED', 'RELEASED')); 
    SELECT RAISE(ABORT, 'unrecorded: no new custody entry brings this clip to this state')
    WHERE NOT EXISTS (SELECT 1 FROM entry
                      WHERE seq = NEW.by_entry AND clip = NEW.id AND state = NEW.state);
 END;
CREATE TRIGGER clip_is_kept BEFORE DELETE ON clip BEGIN
    SELECT RAISE(ABORT, 'unrecorded: clips are never deleted from the record'); END;
COMMIT;
