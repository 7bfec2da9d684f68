-- KEYS[1] the record, ARGV[1] what it is expected to hold, ARGV[2] what it is to hold. 1 when done.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2])
  return 1
end
return 0
