-- Times are milliseconds since 1970 (UTC).

CREATE TABLE muster_exchange (
  name TEXT NOT NULL PRIMARY KEY,
  type TEXT NOT NULL
) WITHOUT ROWID;

-- touched_at: when the reader of a queue of replies was last known to be alive; null for a durable queue.
CREATE TABLE muster_queue (
  name TEXT NOT NULL PRIMARY KEY,
  lifetime TEXT NOT NULL,
  touched_at INTEGER
) WITHOUT ROWID;

CREATE TABLE muster_binding (
  exchange TEXT NOT NULL,
  routing_key TEXT NOT NULL,
  queue TEXT NOT NULL,
  PRIMARY KEY (exchange, routing_key, queue)
) WITHOUT ROWID;

-- Who may hold messages, and until when. The lease stands here, once, and not in each message: so a
-- reader renews it for all that it holds by changing one small row.
CREATE TABLE muster_consumer (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  lease_until INTEGER NOT NULL
);

-- When a consumer goes, whatever the reason, the foreign key gives its messages back.
CREATE TABLE muster_message (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  queue TEXT NOT NULL,
  priority INTEGER NOT NULL,
  claimed_by INTEGER REFERENCES muster_consumer (id) ON DELETE SET NULL,
  deliveries INTEGER NOT NULL DEFAULT 0,
  expires_at INTEGER,
  exchange TEXT NOT NULL,
  routing_key TEXT NOT NULL,
  content_type TEXT,
  content_encoding TEXT,
  headers TEXT NOT NULL,
  properties TEXT NOT NULL,
  body BLOB NOT NULL
);
CREATE INDEX muster_message_waiting ON muster_message (queue, priority DESC, id) WHERE claimed_by IS NULL;
CREATE INDEX muster_message_claimed ON muster_message (claimed_by) WHERE claimed_by IS NOT NULL;

-- id grows with every change of a record, so whoever remembers the last one sees what is new.
CREATE TABLE muster_result (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  expires_at INTEGER,
  record BLOB NOT NULL
);
CREATE INDEX muster_result_expiry ON muster_result (expires_at) WHERE expires_at IS NOT NULL;
