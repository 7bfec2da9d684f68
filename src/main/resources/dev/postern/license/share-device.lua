-- Writes the owner's part of a share. ARGV[4] the device, ARGV[5] the receiving account, ARGV[6] the maximum number of
-- accounts. Returns {how, title}: how is 'shared', 'already', 'unknown', 'not-own' (the device is itself shared with
-- this account), 'many'.
local record = redis.call('HGET', KEYS[4], ARGV[4])
if not record then
  return {redis.call('HEXISTS', KEYS[7], ARGV[4]) == 1 and 'not-own' or 'unknown', ''}
end
local title = string.match(record, '^1|[^|]*|[^|]*|[^|]*|(.*)$')
if not title then
  unreadable(KEYS[4])
end
local shares = redis.call('HGET', KEYS[8], ARGV[4]) or ''
local count = 0
for account in string.gmatch(shares, '[^,]+') do
  count = count + 1
  if account == ARGV[5] then
    return {'already', title}
  end
end
if count >= tonumber(ARGV[6]) then
  return {'many', ''}
end
redis.call('HSET', KEYS[8], ARGV[4], shares == '' and ARGV[5] or shares .. ',' .. ARGV[5])
return {'shared', title}
