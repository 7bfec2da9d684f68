-- KEYS[1] owners by device ('account|mark'). ARGV[1] an account, ARGV[2] a mark that was never here, ARGV[3..] devices. Puts the account
-- down where there is none, and its new mark where it stands already: who has read the old one finds that it is not there any
-- more. For each '' when it is the account's now, or what is there of another.
local others = {}
local devices = {}
for i = 3, #ARGV do
  devices[i - 2] = ARGV[i]
end
local present = on_all('HMGET', KEYS[1], devices)
local put = {}
for i, device in ipairs(devices) do
  if present[i] and string.match(present[i], '^(.*)|') ~= ARGV[1] then
    others[i] = present[i]
  else
    put[#put + 1] = device
    put[#put + 1] = ARGV[1] .. '|' .. ARGV[2]
    others[i] = ''
  end
end
on_all('HSET', KEYS[1], put)
return others
