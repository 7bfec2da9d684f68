-- Writes the receiver's part of a share. ARGV[4] the device, ARGV[5] its owner, ARGV[6] its title, ARGV[7] the maximum
-- number of devices shared with an account. Returns 'received', 'already', 'own' (the account owns it), 'many',
-- 'no-account'.
if not is_open() then
  return 'no-account'
end
if redis.call('HEXISTS', KEYS[4], ARGV[4]) == 1 then
  return 'own'
end
local present = redis.call('HGET', KEYS[7], ARGV[4])
if present and string.match(present, '^([^|]*)|') == ARGV[5] then
  return 'already'
end
if not present and redis.call('HLEN', KEYS[7]) >= tonumber(ARGV[7]) then
  return 'many'
end
redis.call('HSET', KEYS[7], ARGV[4], ARGV[5] .. '|' .. ARGV[6])
note_changes(KEYS[13], {ARGV[4]}, 'done')
return 'received'
