-- Claims a key, unless it is somebody else's.
--
-- KEYS: the key
-- ARGV: the owner, milliseconds until the claim lapses
-- Returns the owner
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then
  return owner
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]
