-- Before devices are added: ARGV[4] the attempt, ARGV[5] a name that nobody has used yet, ARGV[6..] devices. For each 'added' (by
-- this very attempt), 'there', 'no-account', or '=' and the claim that the account has to the device from now on: that of another
-- attempt that has not ended, or else a new one of this name. A claim permits nothing. It is gone when the device was added or
-- refused, or when another account was put down for it: who comes with it then comes too late.
if redis.call('HLEN', KEYS[11]) > 100000 then
  redis.call('UNLINK', KEYS[11])
end
local open = is_open()
local devices = {}
for i = 6, #ARGV do
  devices[i - 5] = ARGV[i]
end
local records = on_all('HMGET', KEYS[4], devices)
local claims = on_all('HMGET', KEYS[11], devices)
local put = {}
local replies = {}
for i, device in ipairs(devices) do
  if not open then
    replies[i] = 'no-account'
  elseif records[i] then
    replies[i] = is_of_attempt(records[i], ARGV[4]) and 'added' or 'there'
  else
    if not claims[i] then
      put[#put + 1] = device
      put[#put + 1] = ARGV[5]
    end
    replies[i] = '=' .. (claims[i] or ARGV[5])
  end
end
on_all('HSET', KEYS[11], put)
return replies
