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
local present = redis.call('HGET', KEYS[4], ARGV[3])
if present then
  local terminal = cjson.decode(present)
  if terminal.authcode ~= ARGV[2] and redis.call('HEXISTS', KEYS[2], terminal.authcode) == 0 then
    return {'orphaned', present}
  end
  if terminal.expires > now and present ~= ARGV[7] then
    return {'admitted', present}
  end
  if terminal.authcode == ARGV[2] then
    -- Its token is over, its place is not: it gets another token.
    redis.call('HSET', KEYS[4], ARGV[3], ARGV[4])
    return {'admitted', ARGV[4]}
  end
elseif redis.call('HLEN', KEYS[4]) >= tonumber(ARGV[6]) then
  return {'full'}
end
if places and tonumber(redis.call('HGET', KEYS[3], ARGV[2]) or '0') >= places then
  return {'full'}
end
if present then
  -- It changes places.
  local old = cjson.decode(present).authcode
  if redis.call('HEXISTS', KEYS[3], old) == 1 then
    redis.call('HINCRBY', KEYS[3], old, -1)
  end
end
if places then
  redis.call('HINCRBY', KEYS[3], ARGV[2], 1)
end
redis.call('HSET', KEYS[4], ARGV[3], ARGV[4])
return {'admitted', ARGV[4]}
