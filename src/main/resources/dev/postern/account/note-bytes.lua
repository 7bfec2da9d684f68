-- Records the sizes of credentials that have none yet, and of those whose bytes were reserved before a given time by a
-- call that was interrupted. KEYS[1] the account's stored sizes, KEYS[2] its list of credentials of one kind; ARGV[1]
-- the time in ms, then pairs of an index and the size of its record.
for i = 2, #ARGV, 2 do
  local noted = redis.call('HGET', KEYS[1], ARGV[i])
  local since = noted and string.match(noted, '^%d+:(%d+)')
  local is_open = not noted or (since and tonumber(since) < tonumber(ARGV[1]))
  if is_open and redis.call('ZSCORE', KEYS[2], ARGV[i]) then
    account_for(KEYS[1], ARGV[i], tonumber(ARGV[i + 1]))
  end
end
return 1
