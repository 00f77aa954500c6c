-- Keeps a new message back until its time: held by nobody, in `unacked`, with a place in the index by which Python
-- peers, too, would bring it into its list at that time. Where no Java peer lives who does so to the second, it goes
-- into its list at once, for whoever takes it to wait.
--
-- KEYS: unacked, unacked_index, delayed, the sign of life, the list
-- ARGV: tag, due, score for the index, the queue as JSON, the envelope, the channel that wakes who waits for the next
local tag, due, score, queue, envelope = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if redis.call('EXISTS', KEYS[4]) == 0 then
  redis.call('LPUSH', KEYS[5], envelope)
  return 0
end
local suffix = ', "", ' .. queue .. ']'
local member = score .. ' ' .. #suffix .. ' ' .. #KEYS[5] .. ' ' .. KEYS[5] .. tag
redis.call('HSET', KEYS[1], tag, '[' .. envelope .. suffix)
redis.call('ZADD', KEYS[2], score, tag)
redis.call('ZADD', KEYS[3], due, member)
if redis.call('ZRANK', KEYS[3], member) == 0 then
  redis.call('PUBLISH', ARGV[6], '')
end
return 1
