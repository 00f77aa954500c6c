-- KEYS: who leads, the revision of the schedule, the entries
-- ARGV: who must lead or nothing, the entry, the version that was read, its new text or nothing
if ARGV[1] ~= '' and redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return -1
end
local stored = redis.call('HGET', KEYS[3], ARGV[2])
local version = stored and string.match(stored, '^%d+') or '0'
if version ~= ARGV[3] then
  return -1
end
local revision = redis.call('INCR', KEYS[2])
if ARGV[4] == '' then
  redis.call('HDEL', KEYS[3], ARGV[2])
else
  redis.call('HSET', KEYS[3], ARGV[2], string.format('%d', revision) .. ':' .. ARGV[4])
end
return revision
