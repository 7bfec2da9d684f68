-- Returns the first entries of a list of an account that is being deleted; none if the account is another one by now.
-- KEYS[1] the account, KEYS[2] its list of credentials of one kind; ARGV[1] the account's record as marked for
-- deletion, ARGV[2] the last rank wanted.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return {}
end
return redis.call('ZRANGE', KEYS[2], 0, ARGV[2])
