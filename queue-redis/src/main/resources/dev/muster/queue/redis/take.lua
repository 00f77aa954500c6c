-- Moves up to ARGV.max messages from their lists into `unacked`, as one step: a worker that dies
-- at any moment leaves each message in exactly one of the two.
--
-- KEYS: unacked, unacked_index, leases, then the lists: for each priority step those of all queues
-- ARGV: wall clock in whole seconds, max, a unique text, "1" to serve the queues in turn, the number of queues,
--       then for each queue its name and "1" if it is read without acknowledgement; at last the
--       bytes of the largest message that is taken, it and what follows it stay
-- Returns for each message: number of the queue, tag (empty without acknowledgement), envelope
local unacked, index, leases = KEYS[1], KEYS[2], KEYS[3]
local now, max, unique, in_turn, queues = ARGV[1], math.min(tonumber(ARGV[2]), 1000), ARGV[3], ARGV[4] == '1', tonumber(ARGV[5])
local largest_taken = tonumber(ARGV[#ARGV])
-- In whole milliseconds. Small sorted sets keep whole numbers as such, and parse all others again for each comparison.
local time = redis.call('TIME')
local alive = time[1] * 1000 + math.floor(time[2] / 1000)
local taken = {}
-- Scores and tags of what is held, for one ZADD each.
local since, living = {}, {}
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

local function is_utf_8(text)
  -- What the bytes above ASCII may be, by the number of bytes that follow the first.
  local characters = {
    '[\194-\223][\128-\191]',
    '\224[\160-\191][\128-\191]', '[\225-\236\238\239][\128-\191][\128-\191]', '\237[\128-\159][\128-\191]',
    '\240[\144-\191][\128-\191][\128-\191]', '[\241-\243][\128-\191][\128-\191][\128-\191]',
    '\244[\128-\143][\128-\191][\128-\191]',
  }
  for _, character in ipairs(characters) do
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

local text = '"[^"\\%c\127-\255]*"'
-- No braces, and nothing that would have to be escaped or looked at as UTF-8.
local address = '^[\32-\91%]\94-\122|~]*"delivery_info": {"exchange": (' .. text .. '), "routing_key": (' .. text .. ')'
local rest = '}, "priority": %d, "body_encoding": "base64", "delivery_tag": "([%w-]+)"}}$'
local tail, tail_of_redelivered = address .. rest, address .. ', "redelivered": true' .. rest

-- Tag, exchange and routing key, these two as JSON, of an envelope that begins and ends as kombu and we write it; nil for
-- any other. Reading all of it would cost more than everything else here, and whoever took it looks at once. The two braces
-- at the end are those of the properties and of the envelope.
local function address_of(raw)
  if string.sub(raw, 1, 10) ~= '{"body": "' then
    return nil
  end
  -- Behind a comma it is a key, and not the end of one with an escaped quote.
  local _, properties = string.find(raw, ', "properties": {', -600, true)
  if not properties then -- there are long names in them
    _, properties = string.find(raw, ', "properties": {', 1, true)
  end
  if not properties then
    return nil
  end
  local exchange, routing_key, tag = string.match(raw, tail, properties + 1)
  if not tag then
    exchange, routing_key, tag = string.match(raw, tail_of_redelivered, properties + 1)
  end
  return tag, exchange, routing_key
end

-- Tag and address of any envelope, and what is to be held: itself, or what stands for it.
local function examined(raw, queue, fresh)
  local properties, reason = properties_of(raw)
  local tag = properties and properties.delivery_tag
  if type(tag) == 'number' then
    tag = string.format('%.17g', tag)
  end
  if type(tag) ~= 'string' or tag == '' then
    return fresh, '""', json_text(queue), wrapped(raw, reason, fresh, queue)
  end
  local info = properties.delivery_info
  if type(info) == 'table' and type(info.exchange) == 'string' and type(info.routing_key) == 'string' then
    return tag, json_text(info.exchange), json_text(info.routing_key), raw
  end
  return tag, '""', json_text(queue), raw
end

local function hold(raw, queue)
  local fresh = unique .. '.' .. #taken
  local tag, exchange, routing_key = address_of(raw)
  if not tag then
    tag, exchange, routing_key, raw = examined(raw, queue, fresh)
  end
  local held = '[' .. raw .. ', ' .. exchange .. ', ' .. routing_key .. ']'
  -- One message in several queues has one tag; each copy is held for itself.
  if redis.call('HSETNX', unacked, tag, held) == 0 then
    tag = tag .. '.' .. fresh
    redis.call('HSET', unacked, tag, held)
  end
  since[#since + 1] = now
  since[#since + 1] = tag
  living[#living + 1] = alive
  living[#living + 1] = tag
  return tag, raw
end

local function deliver(raw, number)
  local tag = ''
  if ARGV[5 + 2 * number] ~= '1' then
    tag, raw = hold(raw, ARGV[4 + 2 * number])
  end
  taken[#taken + 1] = {number, tag, raw}
  answered = answered + #raw
  if answered > largest_answer then
    max = #taken
  end
end

-- At most `count` messages of a list: one, then twice as many each time, but no more than there is room for in the answer
-- if they are as large as the largest of those. What is popped in vain is little beside what is delivered.
local function take(number, list, count)
  local before, portion, largest = #taken, 1, 1
  while count > 0 and #taken < max do
    local wanted = math.min(portion, count, max - #taken)
    local some = redis.call('RPOP', list, wanted)
    if not some then
      break
    end
    for place, raw in ipairs(some) do
      if #taken < max and #raw <= largest_taken then
        deliver(raw, number)
        largest = math.max(largest, #raw)
      else -- the oldest comes last to the end from which is taken
        for back = #some, place, -1 do
          redis.call('RPUSH', list, some[back])
        end
        max = #taken
        break
      end
    end
    if #some < wanted then
      break
    end
    count = count - wanted
    portion = math.max(1, math.min(2 * portion, math.floor((largest_answer - answered) / largest)))
  end
  return #taken > before
end

for first = 4, #KEYS, queues do
  local found = true
  while found and #taken < max do
    found = false
    for number = 1, queues do
      if #taken < max and take(number, KEYS[first + number - 1], in_turn and queues > 1 and 1 or max) then
        found = true
        if not in_turn then
          break
        end
      end
    end
  end
end
if #since > 0 then
  redis.call('ZADD', index, unpack(since))
  redis.call('ZADD', leases, unpack(living))
end
return taken
