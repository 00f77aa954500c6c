-- Renews the leases of the messages that the caller holds, of those that are still held.
--
-- KEYS: unacked, unacked_index, leases
-- ARGV: wall clock, then the tags
local time = redis.call('TIME')
local alive = time[1] + time[2] / 1000000
for i = 2, #ARGV do
  redis.call('ZADD', KEYS[2], 'XX', ARGV[1], ARGV[i])
  redis.call('ZADD', KEYS[3], 'XX', alive, ARGV[i])
end
return 0
