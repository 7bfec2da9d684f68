-- Reserves bytes for a credential that is about to be replaced. KEYS[1] the account's stored sizes, KEYS[2] its list of
-- credentials of one kind, KEYS[3] the journal of that list; ARGV[1] the index of the credential, ARGV[2] its new size, ARGV[3] the maximum number of
-- stored bytes, ARGV[4] a ticket. Returns 1 when reserved, -2 when the account has no room, -3 when its stored bytes
-- must be counted first.
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then
  return 1
end
if not is_counted(KEYS[1]) then
  return -3
end
local bytes = tonumber(ARGV[2])
if not has_room(KEYS[1], ARGV[1], bytes, ARGV[3]) then
  return -2
end
account_for(KEYS[1], ARGV[1], math.max(bytes, bytes_of(KEYS[1], ARGV[1])), ARGV[4])
note_changes(KEYS[3], {ARGV[1]}, 'begun')
return 1
