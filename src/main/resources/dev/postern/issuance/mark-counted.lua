-- Records that everything in the account has been counted. KEYS[1] the account's stored sizes, KEYS[2] the account.
-- Returns 1 if the account still exists.
if redis.call('EXISTS', KEYS[2]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], 'counted', '1')
return 1
