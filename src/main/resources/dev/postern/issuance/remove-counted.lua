-- Removes a field from a hash. KEYS[1] the hash, KEYS[2] the account's stored sizes; ARGV[1] the name of the whole hash
-- in the sizes, ARGV[2] the field. Returns 1 if the field existed.
local record = redis.call('HGET', KEYS[1], ARGV[2])
if not record then
  return 0
end
account_for(KEYS[2], ARGV[1], math.max(0, bytes_of_hash(KEYS[2], ARGV[1], KEYS[1]) - #record))
return redis.call('HDEL', KEYS[1], ARGV[2])
