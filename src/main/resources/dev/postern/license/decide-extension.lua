-- Decides an extension. KEYS[1] the account, KEYS[2] its license, KEYS[3] its extensions by number; ARGV[1] the number,
-- ARGV[2] the record as it was read, ARGV[3] the new record, ARGV[4] the terms as they were read, '' for none, ARGV[5]
-- the new terms, '' to leave them. Returns 1 when done, 0 if something changed since it was read.
if redis.call('HGET', KEYS[3], ARGV[1]) ~= ARGV[2] or redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
if ARGV[5] ~= '' then
  if (redis.call('HGET', KEYS[2], 'terms') or '') ~= ARGV[4] then
    return 0
  end
  redis.call('HSET', KEYS[2], 'terms', ARGV[5])
end
redis.call('HSET', KEYS[3], ARGV[1], ARGV[3])
return 1
