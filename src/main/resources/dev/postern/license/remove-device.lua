-- Removes a device. ARGV[4] the device. Returns {how, mark, shares}: how is 'removed', or 'none' if the account has no
-- such device; shares are the accounts that it is shared with, '' for none. Their part is not removed here.
local device = ARGV[4]
local record = redis.call('HGET', KEYS[4], device)
local shares = redis.call('HGET', KEYS[8], device) or ''
if not record then
  return {'none', '', shares}
end
local mark, project, user = string.match(record, '^1|([^|]*)|([^|]*)|([^|]*)|')
if has_seat(device) then
  lose_seat(device, 'deleted', used_seats())
  count_day(-1)
end
redis.call('ZREM', KEYS[3], device)
redis.call('HDEL', KEYS[4], device)
if project ~= '' then
  regroup(KEYS[9], project, {[device] = true}, false)
end
if user ~= '' then
  regroup(KEYS[10], user, {[device] = true}, false)
end
return {'removed', mark, shares}
