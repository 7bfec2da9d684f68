-- Claims devices before they are added. ARGV[4] the attempt, ARGV[5] a name that was never used before, ARGV[6..]
-- devices. Returns for each device 'added' (by this same attempt), 'there', 'no-account', or '=' and the account's
-- claim to the device: that of another attempt in progress, or else a new one with this name. A claim permits nothing.
-- It is deleted when the device is added or refused, or when another account is recorded as its owner: a call that
-- arrives with the claim after that is too late.
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
