-- KEYS[1] the account, KEYS[2] its index of API keys, ARGV[1] the account as it was marked for deletion. Removes both. An
-- index with a latecomer in it stays, and with it the account, so that deleting can be repeated; and so does an account that
-- was made anew under the same id. 1 when done.
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('ZCARD', KEYS[2]) > 0 then
  return 0
end
redis.call('DEL', KEYS[1], KEYS[2])
return 1
