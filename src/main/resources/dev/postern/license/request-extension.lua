-- Requests an extension. KEYS[1] the account, KEYS[2] its license, KEYS[3] its extensions by number, with the last
-- number in 'last'; ARGV[1] the new record, ARGV[2] how many records are kept. Returns its number, 0 if the account
-- does not exist, -1 if another request is open.
local account = redis.call('GET', KEYS[1])
if not account or decoded(KEYS[1], account).deleting then
  return 0
end
local last = tonumber(redis.call('HGET', KEYS[3], 'last') or '0')
local latest = redis.call('HGET', KEYS[3], tostring(last))
if latest and not string.match(latest, '^1|') then
  unreadable(KEYS[3])
end
if latest and string.match(latest, '^1|requested|') then
  return -1
end
redis.call('HSET', KEYS[3], 'last', last + 1, tostring(last + 1), ARGV[1])
redis.call('HDEL', KEYS[3], tostring(last + 1 - tonumber(ARGV[2])))
return last + 1
