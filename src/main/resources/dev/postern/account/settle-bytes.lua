-- Settles the size of a record after it was replaced. KEYS[1] the account's stored sizes, KEYS[2] the journal of its
-- list; ARGV[1] the replaced item,
-- ARGV[2] its size, ARGV[3] the ticket of its reservation. Returns 1 unless another call has reserved bytes for the
-- item since.
note_changes(KEYS[2], {ARGV[1]}, 'done')
local noted = redis.call('HGET', KEYS[1], ARGV[1])
if noted and string.match(noted, '^%d+:(.*)$') == ARGV[3] then
  account_for(KEYS[1], ARGV[1], tonumber(ARGV[2]))
  return 1
end
return 0
