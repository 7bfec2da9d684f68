-- KEYS[1] the account, KEYS[2] its groups of one kind; ARGV[1] 'create' or 'replace', ARGV[2] the id of the group, ARGV[3] its
-- record, ARGV[4] how many an account may have. 1 when done, 0 when the account takes none, -1 when it has enough, -2 when
-- there is one of the id, -3 when there is none.
local account = redis.call('GET', KEYS[1])
if not account or cjson.decode(account).deleting then
  return 0
end
local there = redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1
if ARGV[1] == 'create' then
  if there then
    return -2
  end
  if redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[4]) then
    return -1
  end
elseif not there then
  return -3
end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
return 1
