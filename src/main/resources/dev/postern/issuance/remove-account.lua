-- Removes an account and its data. KEYS[1] the account, then its other data, and last its lists of credentials; ARGV[1]
-- the account's record as marked for deletion, ARGV[2] how many of the keys are lists. A list that got a late entry
-- stays, and the account with it, so that the deletion can be repeated. An account that was recreated under the same id
-- stays too. Returns 1 when done.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
for i = #KEYS - tonumber(ARGV[2]) + 1, #KEYS do
  if redis.call('ZCARD', KEYS[i]) > 0 then
    return 0
  end
end
redis.call('DEL', unpack(KEYS))
return 1
