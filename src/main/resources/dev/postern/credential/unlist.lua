-- KEYS[1] a list of credentials; ARGV[1] the index of one, ARGV[2] when it was made. Takes it off the list; 1 when it was there.
local made = redis.call('ZSCORE', KEYS[1], ARGV[1])
if made and tonumber(made) == tonumber(ARGV[2]) then
  return redis.call('ZREM', KEYS[1], ARGV[1])
end
return 0
