-- Messages of one queue and priority are read in the order of their ids, through this index and no other: the order by the
-- primary key is that of "id", and not of "id + 0".
DROP INDEX muster_message_waiting;
CREATE INDEX muster_message_waiting ON muster_message (queue, priority DESC, (id + 0))
  WHERE claimed_by IS NULL AND due_at IS NULL;

-- What a foreign key does, once for each statement and not for each row: who claims must be known, and stays so until its
-- transaction ends. As with a foreign key, the tables are those beside which the function was made, whatever the search path
-- of a session is.
CREATE FUNCTION muster_claim_messages() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  consumer bigint;
BEGIN
  FOR consumer IN SELECT DISTINCT claimed_by FROM changed WHERE claimed_by IS NOT NULL ORDER BY claimed_by LOOP
    PERFORM FROM muster_consumer WHERE id = consumer FOR KEY SHARE;
    IF NOT FOUND THEN
      RAISE foreign_key_violation USING MESSAGE = 'consumer ' || consumer || ' is not in muster_consumer';
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;

-- When a consumer goes, its messages are free. Whoever ends one must see what that had claimed until then.
CREATE FUNCTION muster_give_messages_back() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
    RAISE 'consumers are deleted at the isolation level "read committed" only';
  END IF;
  UPDATE muster_message SET claimed_by = NULL WHERE claimed_by = OLD.id;
  RETURN NULL;
END
$$;
ALTER TABLE muster_message DROP CONSTRAINT muster_message_claimed_by_fkey;
CREATE TRIGGER muster_message_claim AFTER UPDATE ON muster_message
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION muster_claim_messages();
CREATE TRIGGER muster_consumer_end AFTER DELETE ON muster_consumer
  FOR EACH ROW EXECUTE FUNCTION muster_give_messages_back();
