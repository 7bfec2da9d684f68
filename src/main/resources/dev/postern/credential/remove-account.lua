-- KEYS[1] the account, KEYS[2] its index of API keys. Removes both; an index with a latecomer in it stays, and with it
-- the account, so that deleting can be repeated. 1 when done.
if redis.call('ZCARD', KEYS[2]) > 0 then
  return 0
end
redis.call('DEL', KEYS[1], KEYS[2])
return 1
