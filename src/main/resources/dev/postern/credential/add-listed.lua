-- KEYS[1] the account, KEYS[2] its list of credentials of one kind; ARGV[1] the index of the new one, ARGV[2] when it was
-- made, ARGV[3] how many an account may have. 1 when added, 2 when it is listed already, 0 when the account takes none, -1
-- when it has enough.
local account = redis.call('GET', KEYS[1])
if not account or cjson.decode(account).deleting then
  return 0
end
if redis.call('ZSCORE', KEYS[2], ARGV[1]) then
  return 2
end
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[3]) then
  return -1
end
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
return 1
