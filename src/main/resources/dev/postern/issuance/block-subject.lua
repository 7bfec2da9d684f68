-- Blocks a subject in an account. KEYS[1] the account, KEYS[2] its blocked subjects, KEYS[3] its stored sizes; ARGV[1]
-- the index of the subject, ARGV[2] its record, ARGV[3] the maximum number of subjects, ARGV[4] the maximum number of
-- stored bytes. Returns 1 when done, 0 when the account is gone, -1 when there would be too many, -2 when the account
-- has no room, -3 when its stored bytes must be counted first.
local account = redis.call('GET', KEYS[1])
if not account or decoded(KEYS[1], account).deleting then
  return 0
end
if not is_counted(KEYS[3]) then
  return -3
end
local present = redis.call('HGET', KEYS[2], ARGV[1])
if not present and redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[3]) then
  return -1
end
local bytes = bytes_of_hash(KEYS[3], 'subjects', KEYS[2]) + #ARGV[2] - (present and #present or 0)
if not has_room(KEYS[3], 'subjects', bytes, ARGV[4]) then
  return -2
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
account_for(KEYS[3], 'subjects', bytes)
return 1
