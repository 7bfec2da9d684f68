-- Removes an application from the list and deletes its data, atomically: calls that check the list before they write
-- leave nothing behind. KEYS[1] the account's applications, KEYS[2] the account's stored sizes, then the data of the
-- application; ARGV[1] the index of the application. Returns 1 if it was listed.
redis.call('UNLINK', unpack(KEYS, 3))
account_for(KEYS[2], ARGV[1], 0)
account_for(KEYS[2], 'authcodes:' .. ARGV[1], 0)
return redis.call('ZREM', KEYS[1], ARGV[1])
