-- KEYS[1] the sizes of what an account stores, KEYS[2] a hash of it; ARGV[1] what stands for the whole hash, or, if it ends with ':',
-- for its fields, which follow. Counts what was stored before there were sizes.
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
