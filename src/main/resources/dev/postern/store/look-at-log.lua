-- KEYS[1] the head of the log; ARGV[1] its id if it has none yet. The log's id and the number of its last change; which run of
-- Redis answers, '' where it may not say; and 'slave' where it is a replica, which may be behind. Writes only where there is no
-- head: a Redis that takes no writes for the moment can still be followed.
local function info(section, field)
  local text = redis.pcall('INFO', section)
  return type(text) == 'string' and string.match(text, field .. ':(%w+)') or ''
end
local role = info('replication', 'role')
if role == 'slave' then
  return {'', '0', '', role}
end
if redis.call('HEXISTS', KEYS[1], 'id') == 0 then
  redis.call('HSETNX', KEYS[1], 'id', ARGV[1])
end
local head = redis.call('HMGET', KEYS[1], 'id', 'count')
return {head[1], head[2] or '0', info('server', 'run_id'), role}
