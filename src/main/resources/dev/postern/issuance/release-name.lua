-- Releases the name of a token. KEYS[1] the name; ARGV[1] the reservation as it was when the token was changed. Returns
-- 1 if it was unchanged.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
