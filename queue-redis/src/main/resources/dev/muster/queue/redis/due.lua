-- Brings the messages that are due into their lists, and gives a sign of life.
--
-- KEYS: unacked, unacked_index, delayed, the sign of life
-- ARGV: wall clock, how many at the most, how long the sign lasts in milliseconds
-- Returns when the next is due, if there is one
redis.call('SET', KEYS[4], '1', 'PX', ARGV[3])
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])) do
  redis.call('ZREM', KEYS[3], member)
  local score, suffix, length, rest = string.match(member, '^(%S+) (%d+) (%d+) (.*)$')
  local list, tag = string.sub(rest, 1, length), string.sub(rest, length + 1)
  local current = redis.call('ZSCORE', KEYS[2], tag)
  -- Another score is that of a Python worker, who has brought it back too early and holds it now. What the sender chose may
  -- be no list: then the message stays where it is, for somebody to look at.
  if current and tonumber(current) == tonumber(score) and type(redis.pcall('LLEN', list)) == 'number' then
    local held = redis.call('HGET', KEYS[1], tag)
    redis.call('ZREM', KEYS[2], tag)
    redis.call('HDEL', KEYS[1], tag)
    if held then
      redis.call('LPUSH', list, string.sub(held, 2, #held - suffix))
    end
  end
end
return redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')[2]
