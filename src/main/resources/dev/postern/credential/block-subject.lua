-- KEYS[1] the account, KEYS[2] the subjects that are shut out of it; ARGV[1] what stands for a subject, ARGV[2] its record, ARGV[3]
-- how many there may be. 1 when done, 0 when the account is gone, -1 when they would be too many.
local account = redis.call('GET', KEYS[1])
if not account or cjson.decode(account).deleting then
  return 0
end
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 0 and redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[3]) then
  return -1
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return 1
