-- Lists a new access token. KEYS[1] the account's applications, KEYS[2] the live tokens of one application, sorted by
-- expiry; ARGV[1] the index of the application, ARGV[2] the index of the new token, ARGV[3] the time, ARGV[4] when the
-- token expires, ARGV[5] the maximum number of live tokens. Returns '1' and the indexes of the surplus tokens, which
-- stay listed until they are deleted; '0' when the application is gone.
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  return {'0'}
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[2])
local listed = {'1'}
local excess = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[5])
if excess > 0 then
  for _, index in ipairs(redis.call('ZRANGE', KEYS[2], 0, excess)) do
    if index ~= ARGV[2] and #listed <= excess then
      listed[#listed + 1] = index
    end
  end
end
return listed
