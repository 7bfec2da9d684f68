-- ARGV[4] a device. 0 when the account has it; otherwise it loses its claim, so that nobody who was about to add it can, and 1.
if redis.call('HEXISTS', KEYS[4], ARGV[4]) == 1 then
  return 0
end
redis.call('HDEL', KEYS[11], ARGV[4])
return 1
