-- Counts active devices. KEYS[1] the account's active devices of a day, KEYS[2] those of the month; ARGV[1] and ARGV[2]
-- how long to keep each, in seconds, then the devices. One script, so that no key is left without an expiry.
for i = 1, 2 do
  redis.call('PFADD', KEYS[i], unpack(ARGV, 3))
  redis.call('EXPIRE', KEYS[i], ARGV[i])
end
return 1
