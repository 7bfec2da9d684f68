-- Lists the gates. KEYS[1] the gates, KEYS[2] the time of each gate's last heartbeat, KEYS[3] the head of the log.
-- Returns the ID of the log, the number of its last change, and for each gate its ID, the milliseconds since its last
-- heartbeat, and its record.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local head = redis.call('HMGET', KEYS[3], 'id', 'count')
local reply = {head[1] or '', head[2] or '0'}
local beats = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
for i = 1, #beats, 2 do
  local record = redis.call('HGET', KEYS[1], beats[i])
  if record then
    reply[#reply + 1] = beats[i]
    reply[#reply + 1] = tostring(math.max(0, now - beats[i + 1]))
    reply[#reply + 1] = record
  end
end
return reply
