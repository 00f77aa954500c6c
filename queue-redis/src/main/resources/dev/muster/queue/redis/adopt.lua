-- Gives a place in the index to held messages that lack one, so that they are restored in time.
--
-- KEYS: unacked, unacked_index
-- ARGV: cursor, wall clock
-- Returns the next cursor
local page = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', 20)
for i = 1, #page[2], 2 do
  redis.call('ZADD', KEYS[2], 'NX', ARGV[2], page[2][i])
end
return page[1]
