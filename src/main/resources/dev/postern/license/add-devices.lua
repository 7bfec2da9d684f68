-- Adds devices to an account. ARGV[4] the maximum number of devices of the account, ARGV[5] the maximum of a project or
-- user, ARGV[6] the mark of this attempt, ARGV[7] how they get seats: '0' if one is free, '1' to add the devices only if
-- each of them gets one, 'r' to add each only if it gets one, 'n' for none; then for each device its id, title, project
-- and user, '' for none, and the claim to it. Returns for each device 'added' (also if this same attempt added it
-- before), 'there', 'lost' (the claim), 'many', 'no-project', 'no-user', 'full-project', 'full-user', 'ending' (shares
-- of an earlier device with this id still exist), 'no-seat', 'no-account'.
local attempt = string.match(ARGV[6], '^[^.]*')
local outcomes = {}
local open = is_open()
local used = used_seats()
local free = seats_of_license() - used
local count = redis.call('ZCARD', KEYS[3])
local taken = 0
local groups = {}

local function room_in(key, group, device, what)
  if group == '' then
    return nil
  end
  local id = key .. '\n' .. group
  local known = groups[id]
  if not known then
    local json = group_of(key, group)
    if not json then
      return 'no-' .. what
    end
    local there = {}
    local size = 0
    for _, member in ipairs(json.devices) do
      there[member] = true
      size = size + 1
    end
    known = {key = key, group = group, there = there, size = size, put = {}}
    groups[id] = known
  end
  if not known.there[device] and known.size >= tonumber(ARGV[5]) then
    return 'full-' .. what
  end
  return nil
end

local function put_into(key, group, device)
  if group == '' then
    return
  end
  local known = groups[key .. '\n' .. group]
  if not known.there[device] then
    known.there[device] = true
    known.size = known.size + 1
  end
  known.put[device] = true
end

local devices = {}
for i = 8, #ARGV, 5 do
  devices[#devices + 1] = ARGV[i]
end
local records = on_all('HMGET', KEYS[4], devices)
local claims = on_all('HMGET', KEYS[11], devices)
local shares = redis.call('EXISTS', KEYS[8]) == 1 and on_all('HMGET', KEYS[8], devices) or {}
local details = {}
local seats = {}
local received = {}
local ended = {}

-- The result for a device that is not added.
local function refused(i, device, project, user, claim)
  if records[i] then
    return is_of_attempt(records[i], attempt) and 'added' or 'there'
  end
  if claims[i] ~= claim then
    return 'lost'
  end
  if not open then
    return 'no-account'
  end
  if shares[i] then
    return 'ending'
  end
  if count >= tonumber(ARGV[4]) then
    return 'many'
  end
  if (ARGV[7] == '1' or ARGV[7] == 'r') and free <= taken then
    return 'no-seat'
  end
  return room_in(KEYS[9], project, device, 'project') or room_in(KEYS[10], user, device, 'user')
end

if ARGV[7] == '1' then
  local lacking = 0
  for i = 1, #devices do
    lacking = lacking + (records[i] and 0 or 1)
  end
  if lacking > free then
    free = 0
  end
end

-- Reads all projects and users before anything is written.
for i, device in ipairs(devices) do
  room_in(KEYS[9], ARGV[3 + 5 * i + 2], device, 'project')
  room_in(KEYS[10], ARGV[3 + 5 * i + 3], device, 'user')
end

local first_seat = nil
for i, device in ipairs(devices) do
  local at = 3 + 5 * i
  local title, project, user, claim = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
  local outcome = refused(i, device, project, user, claim)
  if not outcome then
    outcome = 'added'
    put_into(KEYS[9], project, device)
    put_into(KEYS[10], user, device)
    details[#details + 1] = device
    details[#details + 1] = '1|' .. ARGV[6] .. '|' .. project .. '|' .. user .. '|' .. title
    received[#received + 1] = device
    count = count + 1
    if taken < free and ARGV[7] ~= 'n' then
      -- Reserves as many seat numbers as this call can need. Unused numbers belong to no device.
      first_seat = first_seat or next_seats(math.min(free, #devices))
      seats[#seats + 1] = first_seat + taken
      taken = taken + 1
      enter('taken', device, 'added', used + taken)
    else
      seats[#seats + 1] = NONE
    end
    seats[#seats + 1] = device
  end
  if outcome ~= 'lost' and outcome ~= 'ending' then
    ended[#ended + 1] = device
  end
  outcomes[i] = outcome
end
on_all('HSET', KEYS[4], details)
on_all('ZADD', KEYS[3], seats)
on_all('HDEL', KEYS[11], ended)
note_changes(KEYS[13], received, 'done')
if redis.call('EXISTS', KEYS[7]) == 1 then
  on_all('HDEL', KEYS[7], received)
end
for _, known in pairs(groups) do
  if next(known.put) then
    regroup(known.key, known.group, known.put, true, tonumber(ARGV[5]))
  end
end
if taken > 0 then
  count_day(taken)
end
return outcomes
