-- KEYS[1] the sizes of what an account stores, KEYS[2] its list of credentials of one kind; ARGV[1] the index of one that is about
-- to be replaced, ARGV[2] its new size, ARGV[3] how many bytes an account may store, ARGV[4] a ticket. 1 when it may be, -2 when
-- the account stores enough, -3 when what it stores has to be counted first.
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
return 1
