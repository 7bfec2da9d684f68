-- Notes devices that were called with a secret that was replaced. KEYS[1] the account, KEYS[2] credentials that were
-- deleted lately, KEYS[3] the devices by the time of the last call, KEYS[4] their number; ARGV[1] the id of the
-- credential, ARGV[2] how many seconds to keep this, ARGV[3] the maximum number of devices in the list, then each
-- device and the time of its last call. Returns 1 when done, 0 when the account or the credential is gone.
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('ZSCORE', KEYS[2], ARGV[1]) then
  return 0
end
for i = 4, #ARGV, 2 do
  local device, last = ARGV[i], tonumber(ARGV[i + 1])
  local known = redis.call('ZSCORE', KEYS[3], device)
  if not known or tonumber(known) < last then
    if not known and redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[3]) then
      -- The least recently called device makes room.
      redis.call('ZREM', KEYS[3], redis.call('ZRANGE', KEYS[3], 0, 0)[1])
    end
    redis.call('ZADD', KEYS[3], last, device)
  end
  redis.call('PFADD', KEYS[4], device)
end
redis.call('EXPIRE', KEYS[3], ARGV[2])
redis.call('EXPIRE', KEYS[4], ARGV[2])
return 1
