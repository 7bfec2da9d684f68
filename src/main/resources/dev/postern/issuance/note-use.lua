-- Records the use of a secret. KEYS[1] the account's applications, KEYS[2] when the secrets of one application were
-- last used; ARGV[1] the index of the application, ARGV[2] the secret's index, ARGV[3] the time. Returns 1 when done, 0
-- when the application is gone.
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  return 0
end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
return 1
