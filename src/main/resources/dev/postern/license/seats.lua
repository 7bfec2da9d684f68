-- Prepended to the scripts of this folder. All of them have these keys, which belong to one account: KEYS[1] the
-- account, KEYS[2] its license ('terms', 'seq'), KEYS[3] its devices by seat number (inf: none), KEYS[4] their details
-- ('1|mark|project|user|title'), KEYS[5] the ledger, KEYS[6] seats taken minus seats lost by day, KEYS[7] the devices
-- that others share with it ('owner|title'), KEYS[8] the accounts that its own devices are shared with, by device,
-- KEYS[9] its projects, KEYS[10] its users, KEYS[11] its claims to devices that are being added, KEYS[12] its stored
-- sizes, KEYS[13] the journal of the titles of its devices. ARGV[1] the number of seats of a free license, ARGV[2] the time in ms, ARGV[3] the day (days since 1970).
local NONE = 'inf'

local function seats_of_license()
  local terms = redis.call('HGET', KEYS[2], 'terms')
  local plan, seats = string.match(terms or '1|free||', '^1|(%a+)|(%d*)|')
  if plan == 'paid' and seats ~= '' then
    return tonumber(seats)
  end
  if plan ~= 'free' then
    unreadable(KEYS[2])
  end
  return tonumber(ARGV[1])
end

local function used_seats()
  return redis.call('ZCOUNT', KEYS[3], '-inf', '(inf')
end

-- Days that no calculation uses any more are dropped when a new day begins.
local function count_day(change)
  if redis.call('HINCRBY', KEYS[6], ARGV[3], change) == change and redis.call('HLEN', KEYS[6]) > 64 then
    for _, day in ipairs(redis.call('HKEYS', KEYS[6])) do
      if tonumber(day) < tonumber(ARGV[3]) - 32 then
        redis.call('HDEL', KEYS[6], day)
      end
    end
  end
end

local function enter(event, device, why, used, from)
  if from then
    redis.call('XADD', KEYS[5], '*', 'e', event, 'd', device, 'w', why, 't', ARGV[2], 'n', used, 'f', from)
  else
    redis.call('XADD', KEYS[5], '*', 'e', event, 'd', device, 'w', why, 't', ARGV[2], 'n', used)
  end
end

-- Allocates this many seat numbers, and returns the first.
local function next_seats(count)
  return redis.call('HINCRBY', KEYS[2], 'seq', count) - count + 1
end

-- The caller counts the day. 'used' is the number of seats used before.
local function lose_seat(device, why, used)
  redis.call('ZADD', KEYS[3], NONE, device)
  enter('lost', device, why, used - 1)
end

local function has_seat(device)
  local seat = redis.call('ZSCORE', KEYS[3], device)
  return seat and seat ~= NONE
end

-- Takes at most this many seats away, latest seated first, and appends their devices to 'lost'. This also completes an
-- earlier reduction.
local function shrink(most, lost)
  local used = used_seats()
  local over = math.min(used - seats_of_license(), most)
  if over <= 0 then
    return
  end
  for _, device in ipairs(redis.call('ZREVRANGEBYSCORE', KEYS[3], '(inf', '-inf', 'LIMIT', 0, over)) do
    lose_seat(device, 'shrunk', used)
    used = used - 1
    lost[#lost + 1] = device
  end
  count_day(-over)
end

-- The number of valid seats if more are taken than the license has; nil if all are valid.
local function last_seat(used)
  local seats = seats_of_license()
  return used > seats and seats or nil
end

local function is_beyond(device, last)
  return last and redis.call('ZRANK', KEYS[3], device) >= last
end

local function is_open()
  local account = redis.call('GET', KEYS[1])
  return account and not decoded(KEYS[1], account).deleting
end

-- A mark is the name of an attempt, optionally followed by '.' and a number.
local function is_of_attempt(record, attempt)
  return string.match(record, '^1|([^|.]*)') == attempt
end

-- Reads a project or user; nil if it does not exist. Fails if it has a member that this gate would lose.
local function group_of(key, group)
  local record = redis.call('HGET', key, group)
  if not record then
    return nil
  end
  local json = decoded(key, record)
  for member, _ in pairs(json) do
    if member ~= 'v' and member ~= 'name' and member ~= 'devices' then
      unreadable(key)
    end
  end
  return json
end

-- Adds a device to a project or user, or removes it. Returns false if the group does not exist or is full. The caller
-- has read the group before it wrote anything.
local function regroup(key, group, devices, put, most)
  local json = group_of(key, group)
  if not json then
    return false
  end
  local there = {}
  local left = {}
  for _, device in ipairs(json.devices) do
    there[device] = true
    if put or not devices[device] then
      left[#left + 1] = device
    end
  end
  if put then
    for device, _ in pairs(devices) do
      if not there[device] then
        left[#left + 1] = device
      end
    end
    if #left > most then
      return false
    end
  end
  local ids = '[]'
  if #left > 0 then
    ids = cjson.encode(left)
  end
  local changed = '{"v":' .. json.v .. ',"name":' .. cjson.encode(json.name) .. ',"devices":' .. ids .. '}'
  redis.call('HSET', key, group, changed)
  account_for(KEYS[12], (key == KEYS[9] and 'project:' or 'user:') .. group, #changed)
  return true
end
