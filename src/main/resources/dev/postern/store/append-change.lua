-- KEYS[1] the head of the log: its id and how many changes were ever appended; KEYS[2] the log; ARGV[1] the id of the log if it has
-- none yet, ARGV[2] how many changes are kept, ARGV[3..] the fields of the change. The change's number: numbers are without a
-- gap, so that whoever follows sees whether he has missed one.
redis.call('HSETNX', KEYS[1], 'id', ARGV[1])
local number = redis.call('HINCRBY', KEYS[1], 'count', 1)
local added = redis.pcall('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], number .. '-0', unpack(ARGV, 3))
if type(added) == 'table' and added.err then
  -- The head was lost and the log was not: it begins anew, under another id.
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[1], 'id', ARGV[1])
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], number .. '-0', unpack(ARGV, 3))
end
return number
