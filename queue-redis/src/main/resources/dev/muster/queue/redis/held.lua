-- Reads what is held under a tag. Of a large entry only the first byte and the end: whoever looks after the messages of others
-- must not die of what killed them.
--
-- KEYS: unacked
-- ARGV: tag, how many bytes are not large, how many bytes are the end
-- Returns what is read, and of a large entry the SHA-1 of all; nothing if nothing is held
local held = redis.call('HGET', KEYS[1], ARGV[1])
if not held then
  return nil
end
if #held <= tonumber(ARGV[2]) then
  return {held}
end
return {string.sub(held, 1, 1) .. string.sub(held, -ARGV[3]), redis.sha1hex(held)}
