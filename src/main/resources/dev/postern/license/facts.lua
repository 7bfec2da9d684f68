-- Reads the facts for a license decision; changes nothing. ARGV[4..] devices. Returns the account's terms, '' for none,
-- and its creation time, '' if the account does not exist; the numbers of its devices and used seats; and for each
-- device 'seated', 'waiting', 'shared' or 'unknown'. A seat beyond the number of the license is not valid, even if a
-- pending reduction has not removed it yet.
local terms = ''
local created = ''
local account = redis.call('GET', KEYS[1])
if account then
  account = decoded(KEYS[1], account)
  -- An account that is being deleted has no license.
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
