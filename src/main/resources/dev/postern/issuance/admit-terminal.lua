-- Admits a terminal of an application. KEYS[1] the account's applications, then of one application KEYS[2] the
-- authcodes, KEYS[3] the number of terminals admitted with each authcode, KEYS[4] the terminals; ARGV[1] the index of
-- the application, ARGV[2] the index of an authcode, empty if the application needs none, ARGV[3] the id of the
-- terminal, ARGV[4] the record to store if the terminal is new, ARGV[5] the time, ARGV[6] the maximum number of
-- terminals, ARGV[7] the terminal's record at the time its token was found to be revoked, otherwise empty, ARGV[8] 1
-- to admit the terminal only if it already has the place. Returns 'new' if ARGV[8] is 1 and the terminal could get the
-- place; 'admitted' and the terminal; 'orphaned' and a terminal whose authcode was deleted and whose token must be
-- revoked before it can be admitted again; or 'gone', 'unknown', 'expired', 'full'.
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
  authcode = decoded(KEYS[2], authcode)
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
local terminal = present and decoded(KEYS[4], present)
if present then
  if terminal.authcode ~= ARGV[2] and redis.call('HEXISTS', KEYS[2], terminal.authcode) == 0 then
    return {'orphaned', present}
  end
  local lives = terminal.expires > now and present ~= ARGV[7]
  if terminal.authcode == ARGV[2] then
    if lives then
      return {'admitted', present}
    end
    -- Its token is no longer valid but it keeps its place: it gets a new token.
    redis.call('HSET', KEYS[4], ARGV[3], ARGV[4])
    return {'admitted', ARGV[4]}
  end
  if is_full() then
    return {'full'}
  end
  if ARGV[8] == '1' then
    return {'new'}
  end
  -- It moves to the other authcode, and keeps its token if that is still valid.
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
if ARGV[8] == '1' then
  return {'new'}
end
if places then
  redis.call('HINCRBY', KEYS[3], ARGV[2], 1)
end
redis.call('HSET', KEYS[4], ARGV[3], ARGV[4])
return {'admitted', ARGV[4]}
