-- ARGV[4..] devices, each once. All of them get a seat, or none does: {'', lost} when all have one now, and otherwise the first that
-- cannot get one; lost is '1' when others lost theirs, which a shrinking had not come to.
local shrunk = {}
shrink(1000, shrunk)
local lost = #shrunk > 0 and '1' or ''
local used = used_seats()
local last = last_seat(used)
local free = seats_of_license() - used
local need = {}
for i = 4, #ARGV do
  local seat = redis.call('ZSCORE', KEYS[3], ARGV[i])
  if not seat or (seat ~= NONE and is_beyond(ARGV[i], last)) then
    return {ARGV[i], lost}
  end
  if seat == NONE then
    need[#need + 1] = ARGV[i]
  end
end
if #need > math.max(free, 0) then
  return {need[math.max(free, 0) + 1], lost}
end
if #need > 0 then
  local seat = next_seats(#need)
  for i, device in ipairs(need) do
    redis.call('ZADD', KEYS[3], seat + i - 1, device)
    enter('taken', device, 'called', used + i)
  end
  count_day(#need)
end
return {'', lost}
