-- Replaces a record if it is unchanged. KEYS[1] the record, ARGV[1] the expected text, ARGV[2] the new text. Returns 1
-- if it was replaced, 0 otherwise.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2])
  return 1
end
return 0
