-- KEYS[1] the sizes of what an account stores; ARGV[1] a thing that was replaced, ARGV[2] its size, ARGV[3] the ticket under which
-- that was set aside. 1 when nobody else has set bytes aside for it since.
local noted = redis.call('HGET', KEYS[1], ARGV[1])
if noted and string.match(noted, '^%d+:(.*)$') == ARGV[3] then
  account_for(KEYS[1], ARGV[1], tonumber(ARGV[2]))
  return 1
end
return 0
