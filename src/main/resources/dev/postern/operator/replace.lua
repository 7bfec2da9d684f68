-- Replaces or deletes one field of a hash if it still has the expected value.
-- KEYS: the hash. ARGV: field, expected value (empty if there must be none), new value (empty to delete it), maximum number of fields.
-- Answers 1 if done, 0 if the value is another, -1 if there are too many fields.
local present = redis.call('hget', KEYS[1], ARGV[1]) or ''
if present ~= ARGV[2] then
  return 0
end
if ARGV[3] == '' then
  redis.call('hdel', KEYS[1], ARGV[1])
elseif present == '' and redis.call('hlen', KEYS[1]) >= tonumber(ARGV[4]) then
  return -1
else
  redis.call('hset', KEYS[1], ARGV[1], ARGV[3])
end
return 1
