-- Changes a device. ARGV[4] the device, ARGV[5] the details that it must have, ARGV[6] its new title, ARGV[7] its new
-- project and ARGV[8] its new user, '' for none, ARGV[9] '1' if it should have a seat, '0' if not, ARGV[10] the maximum
-- number of devices of a project or user. The device is added to its new project and user, and stays in its earlier
-- ones. Returns 'changed', 'other' if its details are others, 'no-project', 'no-user', 'full-project', 'full-user',
-- 'no-seat'.
local device = ARGV[4]
local record = redis.call('HGET', KEYS[4], device)
if not record or record ~= ARGV[5] then
  return 'other'
end
local mark = string.match(record, '^1|([^|]*)|')

-- Why the device cannot be in a project or user; nil if it can.
local function obstacle(key, group, what)
  if group == '' then
    return nil
  end
  local json = group_of(key, group)
  if not json then
    return 'no-' .. what
  end
  local members = json.devices
  for _, member in ipairs(members) do
    if member == device then
      return nil
    end
  end
  return #members >= tonumber(ARGV[10]) and 'full-' .. what or nil
end

local reason = obstacle(KEYS[9], ARGV[7], 'project') or obstacle(KEYS[10], ARGV[8], 'user')
if reason then
  return reason
end
local seated = has_seat(device)
local used = used_seats()
if ARGV[9] == '1' and not seated then
  if used >= seats_of_license() then
    return 'no-seat'
  end
  redis.call('ZADD', KEYS[3], next_seats(1), device)
  enter('taken', device, 'imported', used + 1)
  count_day(1)
elseif ARGV[9] == '0' and seated then
  lose_seat(device, 'imported', used)
  count_day(-1)
end
if ARGV[7] ~= '' then
  regroup(KEYS[9], ARGV[7], {[device] = true}, true, tonumber(ARGV[10]))
end
if ARGV[8] ~= '' then
  regroup(KEYS[10], ARGV[8], {[device] = true}, true, tonumber(ARGV[10]))
end
redis.call('HSET', KEYS[4], device, table.concat({'1', mark, ARGV[7], ARGV[8], ARGV[6]}, '|'))
note_changes(KEYS[13], {device}, 'done')
return 'changed'
