-- Counts a member of a chord that has ended, and tells whether it was the last. The keys are
-- Celery's, but for the claim.
--
-- A task that was delivered twice may have ended with two different values; its first one counts.
-- Celery compares the number of members with the number expected and would wait for ever.
--
-- KEYS: members (.j), those added on the way (.t), how many were sent (.s), the claim (.c)
-- ARGV: the member or '', its place, '1' if members are ordered, seconds until all expires (0 for
--   never), milliseconds that a claim lasts
-- Returns 0 if some are missing, 1 if somebody else has claimed the chord, or the members in order
local function task(member)
  return string.match(member, '^%[1, "(.-)", "') or member
end

local ordered = ARGV[3] == '1'
if ARGV[1] ~= '' then
  if ordered then
    local known = false
    for _, other in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[2], ARGV[2])) do
      known = known or task(other) == task(ARGV[1])
    end
    if not known then
      redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
    end
  else
    redis.call('RPUSH', KEYS[1], ARGV[1])
  end
  if ARGV[4] ~= '0' then
    for index = 1, 3 do
      redis.call('EXPIRE', KEYS[index], ARGV[4])
    end
  end
end

local sent = redis.call('GET', KEYS[3])
if not sent then
  return 0
end
local size = tonumber(sent) + tonumber(redis.call('GET', KEYS[2]) or '0')
if redis.call(ordered and 'ZCARD' or 'LLEN', KEYS[1]) < size then
  return 0
end
local seen, members = {}, {}
for _, member in ipairs(redis.call(ordered and 'ZRANGE' or 'LRANGE', KEYS[1], 0, -1)) do
  local id = task(member)
  if not seen[id] then
    seen[id] = true
    members[#members + 1] = member
  end
end
if #members < size then
  return 0
end
if not redis.call('SET', KEYS[4], '1', 'NX', 'PX', ARGV[5]) then
  return 1
end
return members
