-- Reads the head of the log. KEYS[1] the head; ARGV[1] the ID for a log that has none yet. Returns the log's ID and the
-- number of its last change; the ID of the Redis run, '' if Redis does not tell; 'slave' on a replica, which may lag
-- behind; and how many replicas are connected, -1 if Redis does not tell. Writes only if there is no head: a Redis that
-- currently refuses writes can still be followed.
local function info(section)
  local text = redis.pcall('INFO', section)
  return type(text) == 'string' and text or ''
end
local replication = info('replication')
local role = string.match(replication, 'role:(%w+)') or ''
if role == 'slave' then
  return {'', '0', '', role, '0'}
end
local online = -1
if replication ~= '' then
  local _, found = string.gsub(replication, 'state=online', '')
  online = found
end
if redis.call('HEXISTS', KEYS[1], 'id') == 0 then
  redis.call('HSETNX', KEYS[1], 'id', ARGV[1])
end
local head = redis.call('HMGET', KEYS[1], 'id', 'count')
return {head[1], head[2] or '0', string.match(info('server'), 'run_id:(%w+)') or '', role, tostring(online)}
