-- Writes a mark after a call's changes, and checks that the changes are still there. KEYS[1] the mark, KEYS[2..] keys
-- in its slot: the head of the log, unless ARGV[2] is '', then the revoked records. ARGV[1] for how many milliseconds
-- to keep the mark, ARGV[2] the ID of the log, ARGV[3] the number of the last change in it, ARGV[4..] the SHA-1 of each
-- revoked record. Returns how many replicas are connected, -1 if Redis does not tell; and how many of the keys are back
-- in their earlier state, because the change went to another server and this one does not have it. Writes the mark if
-- there may be replicas: WAIT waits only for what its own connection has written.
local replication = redis.pcall('INFO', 'replication')
local connected = -1
if type(replication) == 'string' then
  if string.find(replication, 'role:slave', 1, true) then
    return redis.error_reply('READONLY This is a replica; its own replicas prove nothing')
  end
  local _, online = string.gsub(replication, 'state=online', '')
  connected = online
end
if connected ~= 0 then
  redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
end
local back = 0
local first = 2
if ARGV[2] ~= '' then
  first = 3
  local head = redis.call('HMGET', KEYS[2], 'id', 'count')
  if head[1] ~= ARGV[2] or tonumber(head[2] or '0') < tonumber(ARGV[3]) then
    back = back + 1
  end
end
for i = first, #KEYS do
  local record = redis.call('GET', KEYS[i])
  if record and redis.sha1hex(record) == ARGV[i - first + 4] then
    back = back + 1
  end
end
return {connected, back}
