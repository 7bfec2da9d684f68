-- Returns 1 if the account exists, is not being deleted and lists the credential; otherwise 0. KEYS[1] the account,
-- KEYS[2] its list of credentials of one kind, KEYS[3] the journal of the list; ARGV[1] the index of the credential, ARGV[2] its creation time. An
-- account that was deleted and recreated meanwhile does not list it. An older entry, left behind by an interrupted
-- call, is taken over.
local account = redis.call('GET', KEYS[1])
local deleting = account and decoded(KEYS[1], account).deleting
note_changes(KEYS[3], {ARGV[1]}, 'done')
if not account or deleting or not redis.call('ZSCORE', KEYS[2], ARGV[1]) then
  return 0
end
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
return 1
