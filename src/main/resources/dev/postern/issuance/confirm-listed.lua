-- KEYS[1] the account, KEYS[2] its list of credentials of one kind; ARGV[1] the index of one, ARGV[2] when it was made. Whether
-- the account is there to stay and lists it: 1 or 0. An account that was deleted and made anew since it was added does not list
-- it. An older entry, which a call left behind that was cut off, becomes this one's.
local account = redis.call('GET', KEYS[1])
if not account or cjson.decode(account).deleting or not redis.call('ZSCORE', KEYS[2], ARGV[1]) then
  return 0
end
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
return 1
