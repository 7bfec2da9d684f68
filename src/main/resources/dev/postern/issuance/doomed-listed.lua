-- KEYS[1] the account, KEYS[2] its list of credentials of one kind, ARGV[1] the account as it was marked for deletion, ARGV[2]
-- the last rank wanted. The first of the list; none when the account is another one by now.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return {}
end
return redis.call('ZRANGE', KEYS[2], 0, ARGV[2])
