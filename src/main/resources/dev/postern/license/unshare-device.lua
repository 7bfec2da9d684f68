-- Removes the owner's part of a share. ARGV[4] the device, ARGV[5] the receiving account. Returns 1 if it was shared
-- with it.
local left = {}
local found = 0
for account in string.gmatch(redis.call('HGET', KEYS[8], ARGV[4]) or '', '[^,]+') do
  if account == ARGV[5] then
    found = 1
  else
    left[#left + 1] = account
  end
end
if found == 1 then
  if #left == 0 then
    redis.call('HDEL', KEYS[8], ARGV[4])
  else
    redis.call('HSET', KEYS[8], ARGV[4], table.concat(left, ','))
  end
end
return found
