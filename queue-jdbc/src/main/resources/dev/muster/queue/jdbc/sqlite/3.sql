-- A group of tasks. results: where its results are, if that was saved. size: how many members a
-- chord has, and arrived, how many of them have ended; null if it is none, or none any more.
-- claimed_until: somebody is sending its body, and is taken for dead after that.
CREATE TABLE muster_group (
  group_id TEXT NOT NULL PRIMARY KEY,
  expires_at INTEGER,
  results BLOB,
  size INTEGER,
  arrived INTEGER NOT NULL DEFAULT 0,
  claimed_until INTEGER
);
CREATE INDEX muster_group_expiry ON muster_group (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE muster_member (
  group_id TEXT NOT NULL REFERENCES muster_group (group_id) ON DELETE CASCADE,
  task_id TEXT NOT NULL,
  place INTEGER NOT NULL,
  state TEXT NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (group_id, task_id)
);
