-- Before devices are added: ARGV[4] the attempt, ARGV[5] a name that nobody has used yet, ARGV[6..] devices. For each 'added' (by
-- this very attempt), 'there', 'no-account', or '=' and the claim that the account has to the device from now on: that of another
-- attempt that has not ended, or else a new one of this name. A claim permits nothing. It is gone when the device was added or
-- refused, or when another account was put down for it: who comes with it then comes too late.
if redis.call('HLEN', KEYS[11]) > 100000 then
  redis.call('UNLINK', KEYS[11])
end
local open = is_open()
local replies = {}
for i = 6, #ARGV do
  local record = redis.call('HGET', KEYS[4], ARGV[i])
  if not open then
    replies[#replies + 1] = 'no-account'
  elseif record then
    replies[#replies + 1] = is_of_attempt(record, ARGV[4]) and 'added' or 'there'
  else
    redis.call('HSETNX', KEYS[11], ARGV[i], ARGV[5])
    replies[#replies + 1] = '=' .. redis.call('HGET', KEYS[11], ARGV[i])
  end
end
return replies
