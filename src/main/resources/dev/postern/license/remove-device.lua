-- Removes a device. ARGV[4] the device, ARGV[5] the details that it must have, ARGV[6] 'seated' or 'waiting' if it must
-- have a seat or none; both '' for any. Returns {how, mark, shares}: how is 'removed', 'none' if the account has no such
-- device, or 'changed' if it is not as it must be; shares are the accounts that it is shared with, '' for none. Their part is not removed here.
local device = ARGV[4]
local record = redis.call('HGET', KEYS[4], device)
local shares = redis.call('HGET', KEYS[8], device) or ''
if not record then
  return {'none', '', shares}
end
if ARGV[5] ~= '' and (record ~= ARGV[5] or (has_seat(device) and 'seated' or 'waiting') ~= ARGV[6]) then
  return {'changed', '', ''}
end
local mark, project, user = string.match(record, '^1|([^|]*)|([^|]*)|([^|]*)|')
if not mark then
  unreadable(KEYS[4])
end
-- Reads them before anything is written.
group_of(KEYS[9], project)
group_of(KEYS[10], user)
if has_seat(device) then
  lose_seat(device, 'deleted', used_seats())
  count_day(-1)
end
redis.call('ZREM', KEYS[3], device)
redis.call('HDEL', KEYS[4], device)
note_changes(KEYS[13], {device}, 'done')
if project ~= '' then
  regroup(KEYS[9], project, {[device] = true}, false)
end
if user ~= '' then
  regroup(KEYS[10], user, {[device] = true}, false)
end
return {'removed', mark, shares}
