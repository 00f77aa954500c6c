-- Who has a key until when, so that something is done once only.
CREATE TABLE muster_claim (
  claim_key TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  expires_at INTEGER NOT NULL
);
CREATE INDEX muster_claim_expiry ON muster_claim (expires_at);

-- When the next start of something that is kept at a rate is free, in microseconds since 1970. A row
-- for each task and rate.
CREATE TABLE muster_rate (
  rate_key TEXT NOT NULL PRIMARY KEY,
  next_at INTEGER NOT NULL
);
