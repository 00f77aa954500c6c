-- The entries of a schedule. document: JSON.
CREATE TABLE muster_schedule (
  name text NOT NULL PRIMARY KEY,
  version bigint NOT NULL,
  document text NOT NULL
);

-- One row. owner: the beat that leads until lease_until. revision: raised by each change of an entry.
CREATE TABLE muster_beat (
  id integer NOT NULL PRIMARY KEY CHECK (id = 1),
  owner text,
  lease_until bigint NOT NULL,
  revision bigint NOT NULL
);
INSERT INTO muster_beat (id, lease_until, revision) VALUES (1, 0, 0);
