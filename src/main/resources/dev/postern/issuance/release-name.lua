-- KEYS[1] the name of a token, ARGV[1] its holder as it was when the token that gives it up was changed. 1 when it still was.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
