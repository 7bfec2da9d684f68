-- Deletes a key that holds the expected value. Returns the value, or nil if the key holds another one or none. KEYS[1]
-- the key; ARGV[1] the value.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return false
end
redis.call('DEL', KEYS[1])
return ARGV[1]
