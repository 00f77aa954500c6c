-- Renews the leases of the messages that the caller holds, of those that are still held. One that it has let go of until
-- its time (postpone.lua) has no lease, and a place in the index that must stay as it is.
--
-- KEYS: unacked, unacked_index, leases
-- ARGV: wall clock in whole seconds, then the tags
local time = redis.call('TIME')
local alive = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 2, #ARGV do
  if redis.call('ZSCORE', KEYS[3], ARGV[i]) then
    redis.call('ZADD', KEYS[2], 'XX', ARGV[1], ARGV[i])
    redis.call('ZADD', KEYS[3], alive, ARGV[i])
  end
end
return 0
