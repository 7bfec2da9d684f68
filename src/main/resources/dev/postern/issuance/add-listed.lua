-- Adds a credential to its list. KEYS[1] the account, KEYS[2] its list of credentials of one kind, KEYS[3] its stored
-- sizes, KEYS[4] the journal of the list; ARGV[1] the index of the new credential, ARGV[2] its creation time, ARGV[3] the maximum number of entries,
-- ARGV[4] the size of the record, ARGV[5] the maximum number of stored bytes. Returns 1 when added, 2 when already
-- listed, 0 when the account is missing or being deleted, -1 when the list is full, -2 when the account has no room, -3
-- when its stored bytes must be counted first.
local account = redis.call('GET', KEYS[1])
if not account or decoded(KEYS[1], account).deleting then
  return 0
end
if not is_counted(KEYS[3]) then
  return -3
end
local listed = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not listed and redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[3]) then
  return -1
end
local bytes = tonumber(ARGV[4])
if not has_room(KEYS[3], ARGV[1], bytes, ARGV[5]) then
  return -2
end
note_changes(KEYS[4], {ARGV[1]}, 'begun')
if listed then
  -- Another call created it, or was interrupted before it did.
  account_for(KEYS[3], ARGV[1], math.max(bytes, bytes_of(KEYS[3], ARGV[1])), ARGV[2])
  return 2
end
account_for(KEYS[3], ARGV[1], bytes)
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
return 1
