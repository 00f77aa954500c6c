-- Messages of one queue and priority are read in the order of their ids, through this index and no other: the order by the
-- primary key is that of "id", and not of "id + 0".
DROP INDEX muster_message_waiting;
CREATE INDEX muster_message_waiting ON muster_message (queue, priority DESC, (id + 0))
  WHERE claimed_by IS NULL AND due_at IS NULL;
