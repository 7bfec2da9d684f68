-- Sets the terms of a license. ARGV[4] the terms as they were read, '' for none, ARGV[5] the new terms, '' to leave
-- them. Returns 'done' or 'more' and then the devices that lost their seats, at most 1000 at a time; 'changed' if the
-- terms were changed since, 'no-account' if the account does not exist.
if not is_open() then
  return {'no-account'}
end
if ARGV[5] ~= '' then
  if (redis.call('HGET', KEYS[2], 'terms') or '') ~= ARGV[4] then
    return {'changed'}
  end
  redis.call('HSET', KEYS[2], 'terms', ARGV[5])
end
local reply = {'done'}
shrink(1000, reply)
if used_seats() > seats_of_license() then
  reply[1] = 'more'
end
return reply
