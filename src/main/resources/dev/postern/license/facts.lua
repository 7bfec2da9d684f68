-- ARGV[4..] devices. The account's terms, '' for none, and when it was made, '' for no account; how many devices and used seats it has; and
-- for each device 'seated', 'waiting', 'shared' or 'unknown'. A seat beyond the
-- number of the license, which a shrinking has not come to yet, is none. Changes nothing.
local terms = ''
local created = ''
local account = redis.call('GET', KEYS[1])
if account then
  account = cjson.decode(account)
  -- One that is being deleted has no license any more.
  if not account.deleting then
    created = string.format('%.0f', account.created)
    terms = redis.call('HGET', KEYS[2], 'terms') or ''
  end
end
local used = used_seats()
local facts = {terms, created, tostring(redis.call('ZCARD', KEYS[3])), tostring(used)}
local last = last_seat(used)
for i = 4, #ARGV do
  local seat = redis.call('ZSCORE', KEYS[3], ARGV[i])
  if seat then
    facts[i + 1] = (seat == NONE or is_beyond(ARGV[i], last)) and 'waiting' or 'seated'
  else
    facts[i + 1] = redis.call('HEXISTS', KEYS[7], ARGV[i]) == 1 and 'shared' or 'unknown'
  end
end
return facts
