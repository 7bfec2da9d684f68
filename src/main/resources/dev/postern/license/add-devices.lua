-- ARGV[4] most devices of an account, ARGV[5] most of a project or user, ARGV[6] a mark of this attempt, ARGV[7] '1' to add a
-- device only if it gets a seat; then for each device its id, title, project and user, '' for none, and the claim to it. For each:
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

for i = 8, #ARGV, 5 do
  local device, title, project, user, claim = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  local record = redis.call('HGET', KEYS[4], device)
  local outcome
  if record then
    outcome = is_of_attempt(record, attempt) and 'added' or 'there'
  elseif redis.call('HGET', KEYS[11], device) ~= claim then
    outcome = 'lost'
  elseif not open then
    outcome = 'no-account'
  elseif redis.call('HEXISTS', KEYS[8], device) == 1 then
    outcome = 'ending'
  elseif count >= tonumber(ARGV[4]) then
    outcome = 'many'
  elseif ARGV[7] == '1' and free <= 0 then
    outcome = 'no-seat'
  else
    outcome = room_in(KEYS[9], project, device, 'project') or room_in(KEYS[10], user, device, 'user')
  end
  if not outcome then
    outcome = 'added'
    put_into(KEYS[9], project, device)
    put_into(KEYS[10], user, device)
    if some_received then
      redis.call('HDEL', KEYS[7], device)
    end
    count = count + 1
    if taken < free then
      -- As many as there may be in this call: numbers that are left over are none of anybody.
      first_seat = first_seat or next_seats(math.min(free, (#ARGV - 7) / 4))
      redis.call('ZADD', KEYS[3], first_seat + taken, device)
      taken = taken + 1
      enter('taken', device, 'added', used + taken)
    else
      redis.call('ZADD', KEYS[3], NONE, device)
    end
  else
    local record = redis.call('HGET', KEYS[4], device)
    if record and open then
      outcome = string.match(record, '^1|([^|]*)|') == ARGV[6] and 'added' or 'there'
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
