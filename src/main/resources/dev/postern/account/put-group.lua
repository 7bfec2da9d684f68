-- Creates, replaces or deletes a project or user, and updates the details of devices that join or leave it. KEYS[1] the
-- account, KEYS[2] its groups of one kind, KEYS[3] the details of its devices ('1|mark|project|user|title'), KEYS[4]
-- its stored sizes, KEYS[5] the journal of the names of its groups; ARGV[1] 'create', 'replace' or 'delete', ARGV[2] the id of the group, ARGV[3] its record, ARGV[4]
-- the maximum number of groups, ARGV[5] 'project' or 'user', ARGV[6] the maximum number of stored bytes,
-- ARGV[7] the record that must be there, '' for any. Returns 1 when done, 0 when the account is missing or being
-- deleted, -1 when it has too many groups, -2 when it has no room, -3 when its stored bytes must be counted first, -4
-- when the id is taken, -5 when the group does not exist, -6 when its record is another.
local function tell(devices, group, only)
  local records = on_all('HMGET', KEYS[3], devices)
  local changed = {}
  for i, device in ipairs(devices) do
    local mark, project, user, title
    if records[i] then
      mark, project, user, title = string.match(records[i], '^1|([^|]*)|([^|]*)|([^|]*)|(.*)$')
    end
    local present = ARGV[5] == 'project' and project or user
    if mark and (not only or present == only) then
      if ARGV[5] == 'project' then
        project = group
      else
        user = group
      end
      changed[#changed + 1] = device
      changed[#changed + 1] = table.concat({'1', mark, project, user, title}, '|')
    end
  end
  on_all('HSET', KEYS[3], changed)
end

-- The devices that are in the first list but not in the second.
local function without(devices, others)
  local left = {}
  for device, _ in pairs(devices) do
    if not others[device] then
      left[#left + 1] = device
    end
  end
  return left
end

local function devices_of(record)
  local devices = {}
  if record then
    for _, device in ipairs(decoded(KEYS[2], record).devices) do
      devices[device] = true
    end
  end
  return devices
end

local present = redis.call('HGET', KEYS[2], ARGV[2])
if ARGV[1] ~= 'delete' then
  local account = redis.call('GET', KEYS[1])
  if not account or decoded(KEYS[1], account).deleting then
    return 0
  end
end
if ARGV[1] == 'create' then
  if present then
    return -4
  end
  if redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[4]) then
    return -1
  end
elseif not present then
  return -5
end
if ARGV[7] ~= '' and present ~= ARGV[7] then
  return -6
end
local item = ARGV[5] .. ':' .. ARGV[2]
if ARGV[1] ~= 'delete' then
  if not is_counted(KEYS[4]) then
    return -3
  end
  if not has_room(KEYS[4], item, #ARGV[3], ARGV[6]) then
    return -2
  end
end
local before = devices_of(present)
local after = {}
if ARGV[1] == 'delete' then
  redis.call('HDEL', KEYS[2], ARGV[2])
  account_for(KEYS[4], item, 0)
else
  after = devices_of(ARGV[3])
  redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
  account_for(KEYS[4], item, #ARGV[3])
end
note_changes(KEYS[5], {ARGV[2]}, 'done')
tell(without(before, after), '', ARGV[2])
tell(without(after, before), ARGV[2], nil)
return 1
