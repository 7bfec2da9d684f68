-- Deletes the account's claim to a device. ARGV[4] the device. Returns 0 if the account has the device; otherwise
-- deletes its claim, so that a call that was about to add the device no longer can, and returns 1.
if redis.call('HEXISTS', KEYS[4], ARGV[4]) == 1 then
  return 0
end
redis.call('HDEL', KEYS[11], ARGV[4])
return 1
