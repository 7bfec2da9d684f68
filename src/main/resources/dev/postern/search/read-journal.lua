-- Reads the journal of a list. KEYS[1] the journal; ARGV[1] the last position that was read, ARGV[2] the maximum number
-- of entries, ARGV[3] how long the journal is kept without readers, in seconds. Returns the new position, then each
-- changed item and its state; nothing if the last position was trimmed or the journal was lost, so that changes are
-- unknown.
local entries = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', tonumber(ARGV[2]) + 1)
if #entries == 0 or entries[1][1] ~= ARGV[1] then
  return {}
end
redis.call('EXPIRE', KEYS[1], ARGV[3])
local changes = {entries[#entries][1]}
for i = 2, #entries do
  for _, field in ipairs(entries[i][2]) do
    changes[#changes + 1] = field
  end
end
return changes
