-- Changes the owner of a device. KEYS[1] owners by device; ARGV[1] the device, ARGV[2] the expected entry, ARGV[3] the
-- new entry, or '' for none. Returns 1 when done.
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then
  return 0
end
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
return 1
