-- KEYS[1] owners by device. ARGV[1] the device, ARGV[2] what has to stand there, ARGV[3] what is to stand there, or '' for nothing. 1 when
-- done.
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then
  return 0
end
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
return 1
