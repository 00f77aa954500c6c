-- Stores a result and tells those who wait for it, unless a SUCCESS is stored already.
--
-- KEYS: the record's key, which is the name of its channel, too
-- ARGV: the record, seconds until it expires (0 for never)
-- Returns 1 if it was stored
local stored = redis.call('GET', KEYS[1])
if stored then
  local ok, record = pcall(cjson.decode, stored)
  if ok and type(record) == 'table' and record.status == 'SUCCESS' then
    return 0
  end
end
if ARGV[2] == '0' then
  redis.call('SET', KEYS[1], ARGV[1])
else
  redis.call('SETEX', KEYS[1], ARGV[2], ARGV[1])
end
redis.call('PUBLISH', KEYS[1], ARGV[1])
return 1
