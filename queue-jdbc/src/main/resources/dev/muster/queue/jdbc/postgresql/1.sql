-- Times are milliseconds since 1970 (UTC), by the server's clock.

CREATE TABLE muster_exchange (
  name text PRIMARY KEY,
  type text NOT NULL
);

-- touched_at: when the reader of a queue of replies was last known to be alive; null for a durable queue.
CREATE TABLE muster_queue (
  name text PRIMARY KEY,
  lifetime text NOT NULL,
  touched_at bigint
);

CREATE TABLE muster_binding (
  exchange text NOT NULL,
  routing_key text NOT NULL,
  queue text NOT NULL,
  PRIMARY KEY (exchange, routing_key, queue)
);

-- Who may hold messages, and until when. The lease stands here, once, and not in each message: so a
-- reader renews it for all that it holds by changing one small row.
CREATE TABLE muster_consumer (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  lease_until bigint NOT NULL
) WITH (fillfactor = 50);

-- When a consumer goes, whatever the reason, the foreign key gives its messages back.
-- Every message is inserted, claimed and deleted: vacuum early, or the index of those that wait
-- fills with entries of the dead.
CREATE TABLE muster_message (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  queue text NOT NULL,
  priority integer NOT NULL,
  claimed_by bigint REFERENCES muster_consumer (id) ON DELETE SET NULL,
  deliveries integer NOT NULL DEFAULT 0,
  expires_at bigint,
  exchange text NOT NULL,
  routing_key text NOT NULL,
  content_type text,
  content_encoding text,
  headers text NOT NULL,
  properties text NOT NULL,
  body bytea NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
CREATE INDEX muster_message_waiting ON muster_message (queue, priority DESC, id) WHERE claimed_by IS NULL;
CREATE INDEX muster_message_claimed ON muster_message (claimed_by) WHERE claimed_by IS NOT NULL;

CREATE TABLE muster_result (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  task_id text NOT NULL UNIQUE,
  state text NOT NULL,
  expires_at bigint,
  record bytea NOT NULL
);
CREATE INDEX muster_result_expiry ON muster_result (expires_at) WHERE expires_at IS NOT NULL;
