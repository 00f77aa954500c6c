-- Who has a key until when, so that something is done once only.
CREATE TABLE muster_claim (
  claim_key TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  expires_at INTEGER NOT NULL
);
CREATE INDEX muster_claim_expiry ON muster_claim (expires_at);
