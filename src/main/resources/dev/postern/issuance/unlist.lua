-- Removes an entry from a list of credentials. KEYS[1] the list, KEYS[2] the account's stored sizes, KEYS[3] the journal of
-- the list; ARGV[1] the index
-- of the credential, ARGV[2] its creation time, or '' for any. Returns 1 if it was listed.
note_changes(KEYS[3], {ARGV[1]}, 'done')
local made = redis.call('ZSCORE', KEYS[1], ARGV[1])
if made and (ARGV[2] == '' or tonumber(made) == tonumber(ARGV[2])) then
  account_for(KEYS[2], ARGV[1], 0)
  return redis.call('ZREM', KEYS[1], ARGV[1])
end
return 0
