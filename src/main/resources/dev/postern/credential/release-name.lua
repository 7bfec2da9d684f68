-- KEYS[1] the name of a token, ARGV[1] the index of the token that gives it up. 1 when it was the holder.
local holder = redis.call('GET', KEYS[1])
if holder and cjson.decode(holder).index == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
