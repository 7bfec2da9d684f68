-- KEYS[1] owners by device ('account|mark'). ARGV[1] an account, ARGV[2] a mark of this attempt, ARGV[3] '1' when the account has the
-- devices now, so that the mark is to be that of this attempt, ARGV[4..] devices. Puts the account down as the owner where there
-- is none. For each the owner that is there now.
local mine = ARGV[1] .. '|' .. ARGV[2]
local owners = {}
for i = 4, #ARGV do
  local present = redis.call('HGET', KEYS[1], ARGV[i])
  local owner = present and string.match(present, '^(.*)|') or ARGV[1]
  if not present or (owner == ARGV[1] and ARGV[3] == '1' and present ~= mine) then
    redis.call('HSET', KEYS[1], ARGV[i], mine)
  end
  owners[#owners + 1] = owner
end
return owners
