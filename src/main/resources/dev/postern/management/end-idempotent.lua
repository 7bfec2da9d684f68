-- Ends a call with an Idempotency-Key. KEYS and ARGV[1] to ARGV[3] as when it began, ARGV[4] the time in ms, ARGV[5]
-- 'done', or 'undone' if it changed nothing and may be repeated, ARGV[6] the sealed reply, '' if it is not to be kept,
-- ARGV[7] how long to keep it, in ms, ARGV[8] the maximum of the bytes kept for the caller, ARGV[9] the time in seconds
-- after which the bookkeeping of an idle caller expires. Returns 1, or 0 if the attempt took too long and has ended.
if redis.call('GET', KEYS[1]) ~= '1|running|' .. ARGV[2] .. '|' .. ARGV[3] then
  return 0
end
if ARGV[5] == 'undone' then
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
  return 1
end
local size = #ARGV[6]
if size == 0 or tonumber(redis.call('HGET', KEYS[3], 'total') or '0') + size > tonumber(ARGV[8]) then
  redis.call('SET', KEYS[1], '1|not-kept|' .. ARGV[2] .. '|', 'PX', ARGV[7])
else
  redis.call('SET', KEYS[1], '1|done|' .. ARGV[2] .. '|' .. ARGV[6], 'PX', ARGV[7])
  redis.call('HINCRBY', KEYS[3], 'total', size)
  redis.call('HSET', KEYS[3], ARGV[1], size)
  redis.call('EXPIRE', KEYS[3], ARGV[9])
end
redis.call('ZADD', KEYS[2], tonumber(ARGV[4]) + tonumber(ARGV[7]), ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[9])
return 1
