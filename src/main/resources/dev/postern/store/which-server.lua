-- Returns the ID of the Redis run, and 'slave' on a replica; '' if Redis does not tell. KEYS[1] any key: if there are
-- several servers, the one that has it answers.
local function info(section, field)
  local text = redis.pcall('INFO', section)
  return type(text) == 'string' and string.match(text, field .. ':(%w+)') or ''
end
return {info('server', 'run_id'), info('replication', 'role')}
