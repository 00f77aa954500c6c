-- Moves up to ARGV.max messages from their lists into `unacked`, as one step: a worker that dies
-- at any moment leaves each message in exactly one of the two.
--
-- KEYS: unacked, unacked_index, leases, then the lists: for each priority step those of all queues
-- ARGV: wall clock, max, a unique text, "1" to serve the queues in turn, the number of queues,
--       then for each queue its name and "1" if it is read without acknowledgement
-- Returns for each message: number of the queue, tag (empty without acknowledgement), envelope
local unacked, index, leases = KEYS[1], KEYS[2], KEYS[3]
local now, max, unique, in_turn, queues = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4] == '1', tonumber(ARGV[5])
local time = redis.call('TIME')
local alive = time[1] + time[2] / 1000000
local taken = {}
-- An answer ends with the message that makes it larger than this, so that large messages come one
-- by one.
local largest_answer, answered = 16 * 1024 * 1024, 0

local function json_text(text)
  return (string.gsub(cjson.encode(text), '\\/', '/'))
end

-- JSON text whose characters are the bytes of `text`, whatever they are.
local function json_bytes(text)
  return (string.gsub(cjson.encode(text), '[\127-\255]', function(c)
    return string.format('\\u%04x', string.byte(c))
  end))
end

-- What stands for an entry that cannot be held as it is: Python peers could not restore it either.
local function wrapped(raw, reason, tag, queue)
  return '{"body": ' .. json_bytes(raw)
    .. ', "content-encoding": "binary", "content-type": "application/data"'
    .. ', "headers": {"muster_defect": ' .. json_text(reason) .. '}'
    .. ', "properties": {"delivery_mode": 2, "delivery_info": {"exchange": "", "routing_key": '
    .. json_text(queue) .. '}, "priority": 0, "delivery_tag": ' .. json_text(tag) .. '}}'
end

-- Where the properties of an envelope begin, and what they say, if it is as kombu and Muster write it: the properties
-- last, the tag last in these, no braces in between. What stands in a JSON string cannot look like this, as its quotes
-- are escaped. Decoding the whole envelope would take several times as long.
local PROPERTIES = '"properties": {'
local WELL_FORMED = '^"properties": {[^{}]*"delivery_info": {"exchange": "([%w._-]*)", "routing_key": "([%w._-]*)"}'
  .. '[^{}]*"delivery_tag": "([%w-]+)"}}$'

local function well_formed(raw)
  local start = string.find(raw, PROPERTIES, 1, true)
  if not start then
    return false
  end
  return string.match(raw, WELL_FORMED, start)
end

local function hold_text(raw, tag, exchange_json, routing_key_json)
  redis.call('ZADD', index, now, tag)
  redis.call('HSET', unacked, tag, '[' .. raw .. ', ' .. exchange_json .. ', ' .. routing_key_json .. ']')
  redis.call('ZADD', leases, alive, tag)
end

local function hold_decoded(raw, queue)
  local fresh = unique .. '.' .. #taken
  local ok, envelope = pcall(cjson.decode, raw)
  local properties = ok and type(envelope) == 'table' and envelope.properties
  local tag = type(properties) == 'table' and properties.delivery_tag
  if type(tag) == 'number' then
    tag = string.format('%.17g', tag)
  end
  local exchange, routing_key = '', queue
  if type(tag) ~= 'string' or tag == '' or string.find(raw, '[%z\1-\8\11\12\14-\31]') then
    local reason = 'the envelope has no delivery_tag'
    if not ok then
      reason = 'the envelope is not JSON'
    elseif type(properties) ~= 'table' then
      reason = 'the envelope has no properties'
    elseif type(tag) == 'string' and tag ~= '' then
      reason = 'the envelope has control characters'
    end
    tag = fresh
    raw = wrapped(raw, reason, tag, queue)
  else
    local info = properties.delivery_info
    if type(info) == 'table' and type(info.exchange) == 'string' and type(info.routing_key) == 'string' then
      exchange, routing_key = info.exchange, info.routing_key
    end
    -- One message in several queues has one tag; each copy is held for itself.
    if redis.call('HEXISTS', unacked, tag) == 1 then
      tag = tag .. '.' .. fresh
    end
  end
  hold_text(raw, tag, json_text(exchange), json_text(routing_key))
  return tag, raw
end

local function hold(raw, queue)
  local exchange, routing_key, known = well_formed(raw)
  if exchange and redis.call('HEXISTS', unacked, known) == 0 then
    hold_text(raw, known, '"' .. exchange .. '"', '"' .. routing_key .. '"')
    return known, raw
  end
  return hold_decoded(raw, queue)
end

local function take_one(number, list)
  local raw = redis.call('RPOP', list)
  if not raw then
    return false
  end
  local tag = ''
  if ARGV[5 + 2 * number] ~= '1' then
    tag, raw = hold(raw, ARGV[4 + 2 * number])
  end
  taken[#taken + 1] = {number, tag, raw}
  answered = answered + #raw
  if answered > largest_answer then
    max = #taken
  end
  return true
end

for first = 4, #KEYS, queues do
  local found = true
  while found and #taken < max do
    found = false
    for number = 1, queues do
      if #taken < max and take_one(number, KEYS[first + number - 1]) then
        found = true
        if not in_turn then
          break
        end
      end
    end
  end
end
return taken
