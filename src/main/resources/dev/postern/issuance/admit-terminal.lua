-- KEYS[1] the account's applications, then of one of them KEYS[2] the authcodes, KEYS[3] how many terminals each has let in,
-- KEYS[4] the terminals; ARGV[1] the index of the application, ARGV[2] the index of an authcode, empty for an application
-- that needs none, ARGV[3] the id of the terminal, ARGV[4] the terminal as it is to be when it is new, ARGV[5] the time,
-- ARGV[6] how many terminals an application may have, ARGV[7] the terminal as it was when its token was found to be revoked,
-- empty otherwise. 'admitted' and the terminal; 'orphaned' and a terminal whose authcode is gone, and whose token has to end
-- before it can be admitted again; or 'gone', 'unknown', 'expired', 'full'.
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  return {'gone'}
end
local now = tonumber(ARGV[5])
local places
if ARGV[2] ~= '' then
  local authcode = redis.call('HGET', KEYS[2], ARGV[2])
  if not authcode then
    return {'unknown'}
  end
  authcode = cjson.decode(authcode)
  if authcode['until'] and authcode['until'] <= now then
    return {'expired'}
  end
  places = authcode.terminals
end
local function is_full()
  return places and tonumber(redis.call('HGET', KEYS[3], ARGV[2]) or '0') >= places
end
local function leave(authcode)
  if redis.call('HEXISTS', KEYS[3], authcode) == 1 then
    redis.call('HINCRBY', KEYS[3], authcode, -1)
  end
end
local present = redis.call('HGET', KEYS[4], ARGV[3])
local terminal = present and cjson.decode(present)
if present then
  if terminal.authcode ~= ARGV[2] and redis.call('HEXISTS', KEYS[2], terminal.authcode) == 0 then
    return {'orphaned', present}
  end
  local lives = terminal.expires > now and present ~= ARGV[7]
  if terminal.authcode == ARGV[2] then
    if lives then
      return {'admitted', present}
    end
    -- Its token is over, its place is not: it gets another token.
    redis.call('HSET', KEYS[4], ARGV[3], ARGV[4])
    return {'admitted', ARGV[4]}
  end
  if is_full() then
    return {'full'}
  end
  -- It changes places, and keeps its token if that lives.
  local moved = ARGV[4]
  if lives then
    local old = '"authcode":"' .. terminal.authcode .. '"'
    local first, last = string.find(present, old, 1, true)
    moved = string.sub(present, 1, first - 1) .. '"authcode":"' .. ARGV[2] .. '"' .. string.sub(present, last + 1)
  end
  leave(terminal.authcode)
  redis.call('HINCRBY', KEYS[3], ARGV[2], 1)
  redis.call('HSET', KEYS[4], ARGV[3], moved)
  return {'admitted', moved}
end
if redis.call('HLEN', KEYS[4]) >= tonumber(ARGV[6]) or is_full() then
  return {'full'}
end
if places then
  redis.call('HINCRBY', KEYS[3], ARGV[2], 1)
end
redis.call('HSET', KEYS[4], ARGV[3], ARGV[4])
return {'admitted', ARGV[4]}
