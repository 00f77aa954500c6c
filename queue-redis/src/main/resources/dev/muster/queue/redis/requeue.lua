-- Puts a held message back, unless somebody else has done so.
--
-- KEYS: unacked, unacked_index, leases, then the lists to put it into
-- ARGV: tag, LPUSH (served last) or RPUSH (served next), the envelope to put back; optionally what
--       must not have changed since the caller looked: the SHA-1 of what is held, score in the
--       index, score of the lease (empty for none); and how many bytes of what is held the envelope
--       replaces, from the end, if it is not all but the end of what is put back
-- Returns 1 if it was put back
local unacked, index, leases, tag = KEYS[1], KEYS[2], KEYS[3], ARGV[1]
local held = redis.call('HGET', unacked, tag)
if ARGV[4] then
  if not held or redis.sha1hex(held) ~= ARGV[4]
    or (redis.call('ZSCORE', index, tag) or '') ~= ARGV[5]
    or (redis.call('ZSCORE', leases, tag) or '') ~= ARGV[6] then
    return 0
  end
end
local envelope = ARGV[3]
if held and ARGV[7] then
  envelope = string.sub(held, 2, #held - ARGV[7]) .. envelope
end
-- What the sender chose may be no list: the error ends the script before it has written anything.
for i = 4, #KEYS do
  redis.call('LLEN', KEYS[i])
end
-- A server that is full refuses to push, but not if the script has already written something.
redis.call('ZREM', index, tag)
redis.call('ZREM', leases, tag)
if not held then
  return 0
end
for i = 4, #KEYS do
  redis.call(ARGV[2], KEYS[i], envelope)
end
redis.call('HDEL', unacked, tag)
return 1
