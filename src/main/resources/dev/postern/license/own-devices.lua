-- KEYS[1] owners by device ('account|mark'). ARGV[1] an account, ARGV[2] a mark that was never here, ARGV[3..] devices. Puts the account
-- down where there is none, and its new mark where it stands already: who has read the old one finds that it is not there any
-- more. For each '' when it is the account's now, or what is there of another.
local others = {}
for i = 3, #ARGV do
  local present = redis.call('HGET', KEYS[1], ARGV[i])
  if present and string.match(present, '^(.*)|') ~= ARGV[1] then
    others[#others + 1] = present
  else
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[1] .. '|' .. ARGV[2])
    others[#others + 1] = ''
  end
end
return others
