-- Lets go of a held message until its time, as delay.lua keeps a new one.
--
-- KEYS: unacked, unacked_index, leases, delayed, the list
-- ARGV: tag, due, score for the index, length of the envelope, the channel that wakes who waits for the next
local tag = ARGV[1]
local held = redis.call('HGET', KEYS[1], tag)
if not held or not redis.call('ZSCORE', KEYS[3], tag) then
  return 0
end
local member = ARGV[3] .. ' ' .. (#held - 1 - ARGV[4]) .. ' ' .. #KEYS[5] .. ' ' .. KEYS[5] .. tag
redis.call('ZREM', KEYS[3], tag)
redis.call('ZADD', KEYS[2], ARGV[3], tag)
redis.call('ZADD', KEYS[4], ARGV[2], member)
if redis.call('ZRANK', KEYS[4], member) == 0 then
  redis.call('PUBLISH', ARGV[5], '')
end
return 1
