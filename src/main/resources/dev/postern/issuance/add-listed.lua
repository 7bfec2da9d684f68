-- KEYS[1] the account, KEYS[2] its list of credentials of one kind, KEYS[3] the sizes of what it stores; ARGV[1] the index of the
-- new one, ARGV[2] when it was made, ARGV[3] how many an account may have, ARGV[4] its size, ARGV[5] how many bytes an account may
-- store. 1 when added, 2 when it is listed already, 0 when the account takes none, -1 when it has enough, -2 when it stores
-- enough, -3 when what it stores has to be counted first.
local account = redis.call('GET', KEYS[1])
if not account or cjson.decode(account).deleting then
  return 0
end
if not is_counted(KEYS[3]) then
  return -3
end
local listed = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not listed and redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[3]) then
  return -1
end
local bytes = tonumber(ARGV[4])
if not has_room(KEYS[3], ARGV[1], bytes, ARGV[5]) then
  return -2
end
if listed then
  -- Another call made it, or was cut off before it did.
  account_for(KEYS[3], ARGV[1], math.max(bytes, bytes_of(KEYS[3], ARGV[1])), ARGV[2])
  return 2
end
account_for(KEYS[3], ARGV[1], bytes)
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
return 1
