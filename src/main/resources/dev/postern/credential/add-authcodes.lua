-- KEYS[1] the account's applications, KEYS[2] the authcodes of one of them; ARGV[1] the index of the application, ARGV[2] how
-- many authcodes it may have, then the index and the record of each new one. 1 when done, 0 when the application is gone, -1
-- when they would be too many.
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  return 0
end
if redis.call('HLEN', KEYS[2]) + (#ARGV - 2) / 2 > tonumber(ARGV[2]) then
  return -1
end
for i = 3, #ARGV, 2 do
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
end
return 1
