-- KEYS[1] a mark, KEYS[2..] all in its slot: the head of the log, where ARGV[2] is not '', then records that were ended. ARGV[1] for how
-- many milliseconds the mark is kept, ARGV[2] the id of the log, ARGV[3] how many changes it had, ARGV[4..] the SHA-1 of what each
-- of the records was. How many replicas follow, -1 where that may not be told; and how much is as it was before: another server
-- was told of the change, of which this one knows nothing. Writes the mark where there may be replicas: WAIT waits for what its own
-- connection has written.
local replication = redis.pcall('INFO', 'replication')
local connected = -1
if type(replication) == 'string' then
  if string.find(replication, 'role:slave', 1, true) then
    return redis.error_reply('READONLY This is a replica, and what is written to its replicas says nothing')
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
