-- Which run of Redis answers, and 'slave' where it is a replica; '' where it may not say. KEYS[1] any: where one
-- server is asked for many, the one that has it.
local function info(section, field)
  local text = redis.pcall('INFO', section)
  return type(text) == 'string' and string.match(text, field .. ':(%w+)') or ''
end
return {info('server', 'run_id'), info('replication', 'role')}
