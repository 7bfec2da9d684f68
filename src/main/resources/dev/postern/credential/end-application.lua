-- KEYS[1] the account's applications, then the data of one of them; ARGV[1] the index of the application. Takes it off the list
-- and its data with it, at once: whoever looks whether it is listed before writing leaves nothing behind. 1 when it was listed.
redis.call('UNLINK', unpack(KEYS, 2))
return redis.call('ZREM', KEYS[1], ARGV[1])
