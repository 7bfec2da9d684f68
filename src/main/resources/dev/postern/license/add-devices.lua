-- ARGV[4] most devices of an account, ARGV[5] most of a project or user, ARGV[6] a mark of this attempt, ARGV[7] '1' to add the
-- devices only if each of them gets a seat; then for each device its id, title, project and user, '' for none, and the claim to it. For each:
-- 'added' (also when it was by this very attempt), 'there', 'lost' (the claim), 'many', 'no-project', 'no-user', 'full-project',
-- 'full-user', 'ending' (of an earlier device of this id shares are left), 'no-seat', 'no-account'.
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
    local record = redis.call('HGET', key, group)
    if not record then
      return 'no-' .. what
    end
    local there = {}
    local size = 0
    for _, member in ipairs(cjson.decode(record).devices) do
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

local some_shared = redis.call('EXISTS', KEYS[8]) == 1
local some_received = redis.call('EXISTS', KEYS[7]) == 1
local first_seat = nil

-- What becomes of a device that is not added.
local function refused(device, project, user, claim)
  local record = redis.call('HGET', KEYS[4], device)
  if record then
    return is_of_attempt(record, attempt) and 'added' or 'there'
  end
  if redis.call('HGET', KEYS[11], device) ~= claim then
    return 'lost'
  end
  if not open then
    return 'no-account'
  end
  if some_shared and redis.call('HEXISTS', KEYS[8], device) == 1 then
    return 'ending'
  end
  if count >= tonumber(ARGV[4]) then
    return 'many'
  end
  if ARGV[7] == '1' and free <= taken then
    return 'no-seat'
  end
  return room_in(KEYS[9], project, device, 'project') or room_in(KEYS[10], user, device, 'user')
end

if ARGV[7] == '1' then
  local lacking = 0
  for i = 8, #ARGV, 5 do
    lacking = lacking + 1 - redis.call('HEXISTS', KEYS[4], ARGV[i])
  end
  if lacking > free then
    free = 0
  end
end

for i = 8, #ARGV, 5 do
  local device, title, project, user, claim = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  local outcome = refused(device, project, user, claim)
  if not outcome then
    outcome = 'added'
    put_into(KEYS[9], project, device)
    put_into(KEYS[10], user, device)
    redis.call('HSET', KEYS[4], device, table.concat({'1', ARGV[6], project, user, title}, '|'))
    if some_received then
      redis.call('HDEL', KEYS[7], device)
    end
    count = count + 1
    if taken < free then
      -- As many as there may be in this call: numbers that are left over are none of anybody.
      first_seat = first_seat or next_seats(math.min(free, (#ARGV - 7) / 5))
      redis.call('ZADD', KEYS[3], first_seat + taken, device)
      taken = taken + 1
      enter('taken', device, 'added', used + taken)
    else
      redis.call('ZADD', KEYS[3], NONE, device)
    end
  end
  if outcome ~= 'lost' and outcome ~= 'ending' then
    redis.call('HDEL', KEYS[11], device)
  end
  outcomes[#outcomes + 1] = outcome
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
