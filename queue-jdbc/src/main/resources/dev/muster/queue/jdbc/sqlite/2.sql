-- When a message is to be delivered that is kept back; null once that time has come. It stands outside of the
-- index of those that wait, so that a million of them for tomorrow do not slow down those for today.
ALTER TABLE muster_message ADD COLUMN due_at INTEGER;
DROP INDEX muster_message_waiting;
CREATE INDEX muster_message_waiting ON muster_message (queue, priority DESC, id)
  WHERE claimed_by IS NULL AND due_at IS NULL;
CREATE INDEX muster_message_due ON muster_message (queue, due_at) WHERE due_at IS NOT NULL;
