-- Finds the held messages that nobody looks after any more, and clears entries that hold nothing.
--
-- KEYS: unacked, unacked_index, leases
-- ARGV: milliseconds that a lease lasts; by how many seconds a place in the index is younger than the lease at the least if it
--       is another holder's; wall clock in seconds minus visibility timeout; how many at the most
-- Returns for each: tag, score in the index, score of the lease (empty for none)
local unacked, index, leases = KEYS[1], KEYS[2], KEYS[3]
local lease, margin, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[4]
local time = redis.call('TIME')
local found, seen = {}, {}

local function add(tag, score, leased)
  if not seen[tag] then
    seen[tag] = true
    found[#found + 1] = {tag, score or '', leased or ''}
  end
end

local dead = redis.call('ZRANGEBYSCORE', leases, '-inf', time[1] * 1000 + math.floor(time[2] / 1000) - lease, 'LIMIT', 0, limit)
for _, tag in ipairs(dead) do
  local score, leased = redis.call('ZSCORE', index, tag), redis.call('ZSCORE', leases, tag)
  if redis.call('HEXISTS', unacked, tag) == 0 then
    redis.call('ZREM', index, tag)
    redis.call('ZREM', leases, tag)
  elseif score and tonumber(score) > tonumber(leased) / 1000 + margin then
    -- Both scores are written together. A much younger one in the index is that of a Python worker
    -- who restored the message long ago and holds it now.
    redis.call('ZREM', leases, tag)
  else
    add(tag, score, leased)
  end
end

for _, tag in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', ARGV[3], 'LIMIT', 0, limit)) do
  if redis.call('HEXISTS', unacked, tag) == 0 then
    redis.call('ZREM', index, tag)
    redis.call('ZREM', leases, tag)
  else
    add(tag, redis.call('ZSCORE', index, tag), redis.call('ZSCORE', leases, tag))
  end
end
return found
