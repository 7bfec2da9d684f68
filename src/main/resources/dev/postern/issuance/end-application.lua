-- KEYS[1] the account's applications, KEYS[2] the sizes of what it stores, then the data of one of them; ARGV[1] the index of the
-- application. Takes it off the list and its data with it, at once: whoever looks whether it is listed before writing leaves
-- nothing behind. 1 when it was listed.
redis.call('UNLINK', unpack(KEYS, 3))
account_for(KEYS[2], ARGV[1], 0)
account_for(KEYS[2], 'authcodes:' .. ARGV[1], 0)
return redis.call('ZREM', KEYS[1], ARGV[1])
