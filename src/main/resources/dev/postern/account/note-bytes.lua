-- KEYS[1] the sizes of what an account stores, KEYS[2] its list of credentials of one kind; ARGV[1] a time in ms, then indexes, each
-- with the size of its record. Notes those that have no size yet, and those whose bytes were set aside before that time by a call
-- that was cut off.
for i = 2, #ARGV, 2 do
  local noted = redis.call('HGET', KEYS[1], ARGV[i])
  local since = noted and string.match(noted, '^%d+:(%d+)')
  local is_open = not noted or (since and tonumber(since) < tonumber(ARGV[1]))
  if is_open and redis.call('ZSCORE', KEYS[2], ARGV[i]) then
    account_for(KEYS[1], ARGV[i], tonumber(ARGV[i + 1]))
  end
end
return 1
