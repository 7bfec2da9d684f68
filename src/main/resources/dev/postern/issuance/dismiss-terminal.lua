-- KEYS[1] the terminals of an application, KEYS[2] how many each authcode has let in; ARGV[1] the id of a terminal, ARGV[2] the
-- terminal as it is expected to be, ARGV[3] the index of its authcode. Takes its place back; 1 when done.
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then
  return 0
end
redis.call('HDEL', KEYS[1], ARGV[1])
if redis.call('HEXISTS', KEYS[2], ARGV[3]) == 1 then
  redis.call('HINCRBY', KEYS[2], ARGV[3], -1)
end
return 1
