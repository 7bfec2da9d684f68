-- Takes seats for all of the given devices, or for none. ARGV[4..] distinct devices. Returns {'', lost} if all have a
-- seat now, and otherwise the first device that cannot get one; lost is '1' if a pending reduction took seats from
-- other devices.
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
