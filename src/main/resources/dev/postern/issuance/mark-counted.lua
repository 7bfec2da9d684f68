-- KEYS[1] the sizes of what an account stores, KEYS[2] the account. Everything has been counted; 1 when the account is still there.
if redis.call('EXISTS', KEYS[2]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], 'counted', '1')
return 1
