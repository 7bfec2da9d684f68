-- Records a gate's heartbeat. KEYS[1] the gates, KEYS[2] the time of each gate's last heartbeat, by the clock of Redis;
-- ARGV[1] the ID of the gate, ARGV[2] its record, ARGV[3] after how many milliseconds of silence a gate is removed.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function say()
  local told = redis.pcall('HSET', KEYS[1], ARGV[1], ARGV[2])
  return type(told) == 'table' and told or redis.pcall('ZADD', KEYS[2], now, ARGV[1])
end
local said = say()
if type(said) == 'table' and string.find(said.err, 'WRONGTYPE') then
  -- Somebody overwrote the keys.
  redis.call('DEL', KEYS[1], KEYS[2])
  said = say()
end
if type(said) == 'table' then
  return said
end
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[3], 'LIMIT', 0, 100)) do
  redis.call('HDEL', KEYS[1], gone)
  redis.call('ZREM', KEYS[2], gone)
end
return 1
