-- The entries of a schedule. document: JSON.
CREATE TABLE muster_schedule (
  name TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  document TEXT NOT NULL
);

-- One row. owner: the beat that leads until lease_until. revision: raised by each change of an entry.
CREATE TABLE muster_beat (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  owner TEXT,
  lease_until INTEGER NOT NULL,
  revision INTEGER NOT NULL
);
INSERT INTO muster_beat (id, lease_until, revision) VALUES (1, 0, 0);
