-- KEYS[1] the head of the log; ARGV[1] its id if it has none yet. The log's id and the number of its last change; which run of
-- Redis answers, '' where it may not say; 'slave' where it is a replica, which may be behind; and how many replicas follow it, -1
-- where it may not say. Writes only where there is no head: a Redis that takes no writes for the moment can still be followed.
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
