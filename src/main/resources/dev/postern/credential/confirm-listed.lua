-- KEYS[1] the account, KEYS[2] its index of API keys, ARGV[1] the index of a key. Whether the account is there to stay and
-- lists the key: 1 or 0. An account that was deleted and made anew since the key was added does not list it.
local account = redis.call('GET', KEYS[1])
if not account or cjson.decode(account).deleting or not redis.call('ZSCORE', KEYS[2], ARGV[1]) then
  return 0
end
return 1
