-- ARGV[4..] devices, each once. All of them get a seat, or none does: '' when all have one now, and otherwise the first that
-- cannot get one.
local lost = {}
shrink(1000, lost)
local used = used_seats()
local free = seats_of_license() - used
local need = {}
for i = 4, #ARGV do
  local seat = redis.call('ZSCORE', KEYS[3], ARGV[i])
  if not seat then
    return ARGV[i]
  end
  if seat == NONE then
    need[#need + 1] = ARGV[i]
  end
end
if #need > math.max(free, 0) then
  return need[math.max(free, 0) + 1]
end
if #need > 0 then
  local seat = next_seats(#need)
  for i, device in ipairs(need) do
    redis.call('ZADD', KEYS[3], seat + i - 1, device)
    enter('taken', device, 'called', used + i)
  end
  count_day(#need)
end
return ''
