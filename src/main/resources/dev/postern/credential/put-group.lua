-- KEYS[1] the account, KEYS[2] its groups of one kind, KEYS[3] the details of its devices ('1|mark|project|user|title'); ARGV[1]
-- 'create', 'replace' or 'delete', ARGV[2] the id of the group, ARGV[3] its record, ARGV[4] how many an account may have, ARGV[5]
-- 'project' or 'user'. 1 when done, 0 when the account takes none, -1 when it has enough, -2 when there is one of the id, -3 when
-- there is none. Devices that come into the group, or go out of it, are told so.
local function tell(device, group, only)
  local record = redis.call('HGET', KEYS[3], device)
  if not record then
    return
  end
  local mark, project, user, title = string.match(record, '^1|([^|]*)|([^|]*)|([^|]*)|(.*)$')
  if not mark then
    return
  end
  if ARGV[5] == 'project' then
    if only and project ~= only then
      return
    end
    project = group
  else
    if only and user ~= only then
      return
    end
    user = group
  end
  redis.call('HSET', KEYS[3], device, table.concat({'1', mark, project, user, title}, '|'))
end

local function devices_of(record)
  local devices = {}
  if record then
    for _, device in ipairs(cjson.decode(record).devices) do
      devices[device] = true
    end
  end
  return devices
end

local present = redis.call('HGET', KEYS[2], ARGV[2])
if ARGV[1] ~= 'delete' then
  local account = redis.call('GET', KEYS[1])
  if not account or cjson.decode(account).deleting then
    return 0
  end
end
if ARGV[1] == 'create' then
  if present then
    return -2
  end
  if redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[4]) then
    return -1
  end
elseif not present then
  return -3
end
local before = devices_of(present)
local after = {}
if ARGV[1] == 'delete' then
  redis.call('HDEL', KEYS[2], ARGV[2])
else
  after = devices_of(ARGV[3])
  redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
end
for device, _ in pairs(before) do
  if not after[device] then
    tell(device, '', ARGV[2])
  end
end
for device, _ in pairs(after) do
  if not before[device] then
    tell(device, ARGV[2], nil)
  end
end
return 1
