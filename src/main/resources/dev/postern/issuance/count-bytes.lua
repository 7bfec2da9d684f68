-- Counts data that was stored before sizes were recorded. KEYS[1] the account's stored sizes, KEYS[2] one of its
-- hashes; ARGV[1] the name of the whole hash in the sizes, or, if it ends with ':', the prefix for its fields, which
-- follow.
if string.sub(ARGV[1], -1) ~= ':' then
  return bytes_of_hash(KEYS[1], ARGV[1], KEYS[2])
end
for i = 2, #ARGV do
  local item = ARGV[1] .. ARGV[i]
  if redis.call('HEXISTS', KEYS[1], item) == 0 then
    account_for(KEYS[1], item, #(redis.call('HGET', KEYS[2], ARGV[i]) or ''))
  end
end
return 1
