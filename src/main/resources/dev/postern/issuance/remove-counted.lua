-- KEYS[1] a hash, KEYS[2] the sizes of what the account stores; ARGV[1] what stands there for the whole hash, ARGV[2] a field.
-- Removes the field; 1 when it was there.
local record = redis.call('HGET', KEYS[1], ARGV[2])
if not record then
  return 0
end
account_for(KEYS[2], ARGV[1], math.max(0, bytes_of_hash(KEYS[2], ARGV[1], KEYS[1]) - #record))
return redis.call('HDEL', KEYS[1], ARGV[2])
