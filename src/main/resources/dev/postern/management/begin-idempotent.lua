-- Begins a call with an Idempotency-Key. KEYS[1] what is known of the call, KEYS[2] the caller's keys by expiry, KEYS[3]
-- the sizes of the replies kept for the caller, with their 'total'; ARGV[1] the name of the key in KEYS[2] and KEYS[3],
-- ARGV[2] the fingerprint of the body, ARGV[3] a name for this attempt, ARGV[4] the time in ms, ARGV[5] how long the
-- attempt may take, in ms, ARGV[6] the maximum number of the caller's keys, ARGV[7] the time in seconds after which the
-- bookkeeping of an idle caller expires. Returns {'begun'}, or {'full'} if the caller has too many keys, {'other'} if
-- the key belongs to another body, {'running'}, {'done', reply}, or {'not-kept'} if it is done but its reply was not kept.
for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[4], 'LIMIT', 0, 100)) do
  local size = tonumber(redis.call('HGET', KEYS[3], name) or '0')
  if size > 0 then
    redis.call('HINCRBY', KEYS[3], 'total', -size)
    redis.call('HDEL', KEYS[3], name)
  end
  redis.call('ZREM', KEYS[2], name)
end
local known = redis.call('GET', KEYS[1])
if known then
  local state, fingerprint, reply = string.match(known, '^1|([^|]*)|([^|]*)|(.*)$')
  if not state then
    return {'unreadable'}
  end
  if fingerprint ~= ARGV[2] then
    return {'other'}
  end
  return {state, reply}
end
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[6]) then
  return {'full'}
end
redis.call('SET', KEYS[1], '1|running|' .. ARGV[2] .. '|' .. ARGV[3], 'PX', ARGV[5])
redis.call('ZADD', KEYS[2], tonumber(ARGV[4]) + tonumber(ARGV[5]), ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[7])
return {'begun'}
