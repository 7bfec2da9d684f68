-- Forgets the use of a credential. KEYS[1] when the account's credentials were last used, KEYS[2] those that were
-- deleted lately, then everything about this one; ARGV[1] its id, ARGV[2] the time, ARGV[3] how many seconds gates may
-- take to write what they noted before. Returns 1.
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('UNLINK', unpack(KEYS, 3))
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', tonumber(ARGV[2]) - 1000 * tonumber(ARGV[3]))
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return 1
