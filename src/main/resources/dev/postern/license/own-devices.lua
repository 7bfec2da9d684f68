-- Records an account as owner of devices. KEYS[1] owners by device ('account|mark'); ARGV[1] the account, ARGV[2] a
-- mark that was never used here, ARGV[3..] devices. Records the account where there is no owner, and replaces the mark
-- where the account is already the owner: a call that has read the old entry then finds it changed. Returns for each
-- device '' if the account is now its owner, or the entry of the other owner.
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
