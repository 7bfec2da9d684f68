-- KEYS[1] a list of credentials, KEYS[2] the sizes of what the account stores; ARGV[1] the index of one, ARGV[2] when it was made,
-- '' for whenever. Takes it off the list; 1 when it was there.
local made = redis.call('ZSCORE', KEYS[1], ARGV[1])
if made and (ARGV[2] == '' or tonumber(made) == tonumber(ARGV[2])) then
  account_for(KEYS[2], ARGV[1], 0)
  return redis.call('ZREM', KEYS[1], ARGV[1])
end
return 0
