-- KEYS[1] the account, then its other data, and last its lists of credentials; ARGV[1] the account as it was marked for
-- deletion, ARGV[2] how many of the keys are lists. Removes all of them. A list with a latecomer in it stays, and with it the
-- account, so that deleting can be repeated; and so does an account that was made anew under the same id. 1 when done.
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
