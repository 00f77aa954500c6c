-- Takes the next free starts of something that is kept at a rate, by the clock of the server.
--
-- KEYS: when the next start is free, in microseconds since 1970
-- ARGV: microseconds that the starts take together
-- Returns the microseconds until the first of them
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local start = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local free = start + ARGV[1]
-- Once that has passed, the key says no more than its absence.
redis.call('SET', KEYS[1], string.format('%.0f', free), 'PX', math.ceil((free - now) / 1000) + 1)
return string.format('%.0f', start - now)
