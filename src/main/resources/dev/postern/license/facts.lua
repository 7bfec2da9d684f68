-- ARGV[4..] devices. The account's terms, or when it was made where there are none; how many devices and used seats it has; and
-- for each device 'seated', 'waiting', 'shared' or 'unknown'. Changes nothing.
local terms = redis.call('HGET', KEYS[2], 'terms')
local created = ''
if not terms then
  local account = redis.call('GET', KEYS[1])
  if account then
    created = string.format('%.0f', cjson.decode(account).created)
  end
end
local facts = {terms or '', created, tostring(redis.call('ZCARD', KEYS[3])), tostring(used_seats())}
for i = 4, #ARGV do
  local seat = redis.call('ZSCORE', KEYS[3], ARGV[i])
  if seat then
    facts[i + 1] = seat == NONE and 'waiting' or 'seated'
  else
    facts[i + 1] = redis.call('HEXISTS', KEYS[7], ARGV[i]) == 1 and 'shared' or 'unknown'
  end
end
return facts
