-- Moves a seat. ARGV[4] the device that gives its seat, ARGV[5] the device that gets it. Returns 'moved', or 'unknown'
-- with the device that the account does not have, 'waiting' if the first device has no seat, 'seated' if the second
-- already has one.
for i = 4, 5 do
  if not redis.call('ZSCORE', KEYS[3], ARGV[i]) then
    return {'unknown', ARGV[i]}
  end
end
if not has_seat(ARGV[4]) then
  return {'waiting', ARGV[4]}
end
if has_seat(ARGV[5]) then
  return {'seated', ARGV[5]}
end
-- It stays the same seat, so the order of seating does not change.
redis.call('ZADD', KEYS[3], redis.call('ZSCORE', KEYS[3], ARGV[4]), ARGV[5])
redis.call('ZADD', KEYS[3], NONE, ARGV[4])
enter('moved', ARGV[5], 'moved', used_seats(), ARGV[4])
return {'moved', ARGV[5]}
