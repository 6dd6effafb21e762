BEGIN TRANSACTION;
CREATE TABLE clip (
	id VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	by_entry INTEGER NOT NULL, 
	clip_class VARCHAR NOT NULL, 
	camera VARCHAR NOT NULL, 
	path BLOB NOT NULL, 
	size INTEGER NOT NULL, 
	profile VARCHAR NOT NULL, 
	officer VARCHAR, 
	started VARCHAR, 
	important BOOLEAN NOT NULL, 
	sha256 VARCHAR, 
	got INTEGER DEFAULT '0' NOT NULL, 
	partial VARCHAR, 
	same_as VARCHAR, 
	archived BLOB, 
	archive_id VARCHAR, 
	receipt BOOLEAN DEFAULT 0 NOT NULL, 
	rendition VARCHAR, 
	segments INTEGER, 
	freed BOOLEAN DEFAULT 0 NOT NULL, 
	problem VARCHAR, 
	alarm VARCHAR, 
	stopped BOOLEAN DEFAULT 0 NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(by_entry) REFERENCES entry (seq), 
	FOREIGN KEY(same_as) REFERENCES clip (id)
);
INSERT INTO "clip" VALUES('clip.id-0','FOUND',1,'clip.clip_class-0','clip.camera-0',X'636C69702E706174682D30',1,'clip.profile-0','clip.officer-0','clip.started-0',1,'clip.sha256-0',1,'clip.partial-0','clip.id-0',X'636C69702E61726368697665642D30','clip.archive_id-0',1,'clip.rendition-0',1,1,'clip.problem-0','clip.alarm-0',1);
INSERT INTO "clip" VALUES('clip.id-1','FOUND',2,'clip.clip_class-1','clip.camera-1',X'636C69702E706174682D31',2,'clip.profile-1','clip.officer-1','clip.started-1',1,'clip.sha256-1',2,'clip.partial-1','clip.id-1',X'636C69702E61726368697665642D31','clip.archive_id-1',1,'clip.rendition-1',2,1,'clip.problem-1','clip.alarm-1',1);
CREATE TABLE docking (
	id VARCHAR NOT NULL, 
	folder BLOB NOT NULL, 
	identity VARCHAR NOT NULL, 
	docked VARCHAR NOT NULL, 
	undocked VARCHAR, 
	PRIMARY KEY (id)
);
INSERT INTO "docking" VALUES('docking.id-0',X'646F636B696E672E666F6C6465722D30','docking.identity-0','docking.docked-0','docking.undocked-0');
INSERT INTO "docking" VALUES('docking.id-1',X'646F636B696E672E666F6C6465722D31','docking.identity-1','docking.docked-1','docking.undocked-1');
CREATE TABLE entry (
	seq INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	clip VARCHAR, 
	state VARCHAR, 
	raw BLOB NOT NULL, 
	signature BLOB NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "entry" VALUES(1,'entry.kind-0','clip.id-0','FOUND',X'656E7472792E7261772D30',X'656E7472792E7369676E61747572652D30');
INSERT INTO "entry" VALUES(2,'entry.kind-1','clip.id-1','FOUND',X'656E7472792E7261772D31',X'656E7472792E7369676E61747572652D31');
CREATE TABLE opening (
	clip VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	value BLOB NOT NULL, 
	salt BLOB NOT NULL, 
	PRIMARY KEY (clip, name), 
	FOREIGN KEY(clip) REFERENCES clip (id)
);
INSERT INTO "opening" VALUES('clip.id-0','opening.name-0',X'6F70656E696E672E76616C75652D30',X'6F70656E696E672E73616C742D30');
INSERT INTO "opening" VALUES('clip.id-1','opening.name-1',X'6F70656E696E672E76616C75652D31',X'6F70656E696E672E73616C742D31');
CREATE TABLE seen (
	docking VARCHAR NOT NULL, 
	clip VARCHAR NOT NULL, 
	PRIMARY KEY (docking, clip), 
	FOREIGN KEY(docking) REFERENCES docking (id), 
	FOREIGN KEY(clip) REFERENCES clip (id)
);
INSERT INTO "seen" VALUES('docking.id-0','clip.id-0');
INSERT INTO "seen" VALUES('docking.id-1','clip.id-1');
CREATE TABLE sighting (
	id INTEGER NOT NULL, 
	clip VARCHAR NOT NULL, 
	folder BLOB NOT NULL, 
	camera VARCHAR NOT NULL, 
	serial VARCHAR NOT NULL, 
	path BLOB NOT NULL, 
	size INTEGER NOT NULL, 
	mtime_ns INTEGER NOT NULL, 
	head VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(clip) REFERENCES clip (id)
);
INSERT INTO "sighting" VALUES(1,'clip.id-0',X'7369676874696E672E666F6C6465722D30','sighting.camera-0','sighting.serial-0',X'7369676874696E672E706174682D30',1,1,'sighting.head-0');
INSERT INTO "sighting" VALUES(2,'clip.id-1',X'7369676874696E672E666F6C6465722D31','sighting.camera-1','sighting.serial-1',X'7369676874696E672E706174682D31',2,2,'sighting.head-1');
CREATE INDEX ix_entry_clip ON entry (clip);
CREATE INDEX clip_waiting ON clip (freed, stopped, state);
CREATE INDEX clip_by_name ON clip (camera, path);
CREATE INDEX sighting_by_key ON sighting (camera, path, size, mtime_ns, head, serial);
CREATE INDEX ix_sighting_clip ON sighting (clip);
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
