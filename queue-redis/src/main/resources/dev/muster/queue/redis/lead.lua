-- KEYS: who leads, the revision of the schedule
-- ARGV: who asks, for how many milliseconds
local leader = redis.call('GET', KEYS[1])
if leader and leader ~= ARGV[1] then
  return -1
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return tonumber(redis.call('GET', KEYS[2]) or '0')
