-- KEYS[1] the head of the log: its id and how many changes were ever appended; KEYS[2] the log; ARGV[1] the id of the log if it has
-- none yet, ARGV[2] how many changes are kept, ARGV[3..] the fields of the change. The id of the log, and the change's number: numbers are
-- without a gap, so that whoever follows sees whether he has missed one.
local function count()
  local named = redis.pcall('HSETNX', KEYS[1], 'id', ARGV[1])
  return type(named) == 'table' and named or redis.pcall('HINCRBY', KEYS[1], 'count', 1)
end
local number = count()
if type(number) == 'table' and (string.find(number.err, 'WRONGTYPE') or string.find(number.err, 'not an integer')) then
  -- Somebody wrote over the head.
  redis.call('DEL', KEYS[1], KEYS[2])
  number = count()
end
if type(number) == 'table' then
  return number
end
local added = redis.pcall('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], number .. '-0', unpack(ARGV, 3))
if type(added) == 'table' and added.err then
  -- The head was lost and the log was not: it begins anew, under another id.
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[1], 'id', ARGV[1])
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], number .. '-0', unpack(ARGV, 3))
end
return {redis.call('HGET', KEYS[1], 'id'), tostring(number)}
