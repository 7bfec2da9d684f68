-- KEYS[1] a mark, KEYS[2..] records that were ended, all in one slot; ARGV[1] for how many milliseconds the mark is kept, ARGV[2..]
-- the SHA-1 of what each of the records was. How many replicas follow, -1 where that may not be told; and how many of the records
-- are as they were: another server ended them, of which this one knows nothing. Writes the mark where there may be replicas:
-- WAIT waits for what its own connection has written.
local replication = redis.pcall('INFO', 'replication')
local connected = -1
if type(replication) == 'string' then
  local _, online = string.gsub(replication, 'state=online', '')
  connected = online
end
if connected ~= 0 then
  redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
end
local back = 0
for i = 2, #KEYS do
  local record = redis.call('GET', KEYS[i])
  if record and redis.sha1hex(record) == ARGV[i] then
    back = back + 1
  end
end
return {connected, back}
