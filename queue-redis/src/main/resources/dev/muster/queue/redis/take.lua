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

-- What the bytes above ASCII may be in UTF-8, by the number of bytes that follow the first.
local UTF_8 = {
  '[\194-\223][\128-\191]',
  '\224[\160-\191][\128-\191]', '[\225-\236\238\239][\128-\191][\128-\191]', '\237[\128-\159][\128-\191]',
  '\240[\144-\191][\128-\191][\128-\191]', '[\241-\243][\128-\191][\128-\191][\128-\191]',
  '\244[\128-\143][\128-\191][\128-\191]',
}

local function is_utf_8(text)
  for _, character in ipairs(UTF_8) do
    text = string.gsub(text, character, ' ')
  end
  return not string.find(text, '[\128-\255]')
end

-- What Python's JSON reader refuses in this text, although cjson has decoded it: nil for nothing. Between the strings,
-- line breaks and tabs are well. Looking for characters outside of a class would take twice as long as matching all.
local function defect_of(json)
  if string.match(json, '^[\32-\126]*$') then
    return nil
  end
  if string.find(json, '[\128-\255]') and not is_utf_8(json) then
    return 'the envelope is not UTF-8'
  end
  for inside in string.gmatch(string.gsub(json, '\\.', ''), '"([^"]*)"') do
    if string.find(inside, '[%z\1-\31]') then
      return 'the envelope has control characters'
    end
  end
  return nil
end

-- The envelope as a table. Half of a surrogate pair is JSON for Python and for us, but not for cjson; where it has to be
-- replaced, the address is not trusted, and the queue that held the message stands for it.
local function decoded(raw)
  local ok, envelope = pcall(cjson.decode, raw)
  if ok or not string.find(raw, '\\u[dD][89a-fA-F]%x%x') then
    return ok, envelope
  end
  ok, envelope = pcall(cjson.decode, (string.gsub(raw, '\\.[dD]?[89a-fA-F]?%x?%x?', function(escape)
    return string.find(escape, '^\\u[dD][89a-fA-F]%x%x$') and '\\ufffd' or escape
  end)))
  if ok and type(envelope) == 'table' and type(envelope.properties) == 'table' then
    envelope.properties.delivery_info = nil
  end
  return ok, envelope
end

-- The properties of an envelope, or nil and what is wrong with it. An entry in `unacked` that cannot be read would end
-- each Python worker that comes to restore it.
local function properties_of(raw)
  local ok, envelope = decoded(raw)
  if not ok then
    return nil, 'the envelope is not JSON'
  end
  local properties = type(envelope) == 'table' and envelope.properties
  if type(properties) ~= 'table' then
    return nil, 'the envelope has no properties'
  end
  local defect = defect_of(raw)
  if defect then
    return nil, defect
  end
  return properties, 'the envelope has no delivery_tag'
end

local function hold(raw, queue)
  local fresh = unique .. '.' .. #taken
  local properties, reason = properties_of(raw)
  local tag = properties and properties.delivery_tag
  if type(tag) == 'number' then
    tag = string.format('%.17g', tag)
  end
  local exchange, routing_key = '', queue
  if type(tag) ~= 'string' or tag == '' then
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
  redis.call('ZADD', index, now, tag)
  redis.call('HSET', unacked, tag, '[' .. raw .. ', ' .. json_text(exchange) .. ', ' .. json_text(routing_key) .. ']')
  redis.call('ZADD', leases, alive, tag)
  return tag, raw
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
