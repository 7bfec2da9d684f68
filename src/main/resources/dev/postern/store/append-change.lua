-- Appends a change to the log. KEYS[1] the head of the log: its ID and how many changes were ever appended; KEYS[2] the
-- log; ARGV[1] the ID for a log that has none yet, ARGV[2] how many changes to keep, ARGV[3..] the fields of the
-- change. Returns the ID of the log and the number of the change. Numbers have no gaps, so that a follower notices a
-- missing one.
local function count()
  local named = redis.pcall('HSETNX', KEYS[1], 'id', ARGV[1])
  return type(named) == 'table' and named or redis.pcall('HINCRBY', KEYS[1], 'count', 1)
end
local number = count()
if type(number) == 'table' and (string.find(number.err, 'WRONGTYPE') or string.find(number.err, 'not an integer')) then
  -- Somebody overwrote the head.
  redis.call('DEL', KEYS[1], KEYS[2])
  number = count()
end
if type(number) == 'table' then
  return number
end
local added = redis.pcall('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], number .. '-0', unpack(ARGV, 3))
if type(added) == 'table' and added.err then
  -- The head was lost but the log was not: start a new log with another ID.
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[1], 'id', ARGV[1])
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], number .. '-0', unpack(ARGV, 3))
end
return {redis.call('HGET', KEYS[1], 'id'), tostring(number)}
