-- Adds authcodes to an application, or replaces them. KEYS[1] the account's applications, KEYS[2] the authcodes of the application,
-- KEYS[3] the account's stored sizes; ARGV[1] the index of the application, ARGV[2] the maximum number of authcodes,
-- ARGV[3] the maximum number of stored bytes, then the index and record of each new authcode. Returns 1 when done, 0
-- when the application is gone, -1 when there would be too many, -2 when the account has no room, -3 when its stored
-- bytes must be counted first.
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  return 0
end
if not is_counted(KEYS[3]) then
  return -3
end
local item = 'authcodes:' .. ARGV[1]
local bytes = bytes_of_hash(KEYS[3], item, KEYS[2])
local added = 0
for i = 4, #ARGV, 2 do
  local present = redis.call('HGET', KEYS[2], ARGV[i])
  added = added + (present and 0 or 1)
  bytes = bytes + #ARGV[i + 1] - (present and #present or 0)
end
if added > 0 and redis.call('HLEN', KEYS[2]) + added > tonumber(ARGV[2]) then
  return -1
end
if not has_room(KEYS[3], item, bytes, ARGV[3]) then
  return -2
end
for i = 4, #ARGV, 2 do
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
end
account_for(KEYS[3], item, bytes)
return 1
