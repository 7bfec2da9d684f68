-- Adds calls to the counts of credentials of one account. KEYS[1] the account, KEYS[2] when its credentials were last
-- used, KEYS[3] those that were deleted lately, KEYS[4] the number of the last batch of this gate, then the calls of
-- each credential; ARGV[1] the number of this batch, ARGV[2] how many seconds to keep it, ARGV[3] how many seconds to
-- keep the calls, ARGV[4] the first day to keep, then for each credential its id, the day, the number of calls and the
-- time of the last one. Returns 1 when done, 2 when this batch was counted before, 0 when the account is gone.
local FEW_DAYS = 32
local MANY_DAYS = 432

-- Whether to look for old days. Every credential begins a day after midnight: looking through hundreds of days of each
-- would hold up Redis for minutes. So a credential in daily use gets rid of a month at a time.
local function is_to_be_cleared(key)
  local days = redis.call('HLEN', key)
  return days <= FEW_DAYS or days > MANY_DAYS
end

if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
local counted = redis.call('GET', KEYS[4])
if counted and tonumber(counted) >= tonumber(ARGV[1]) then
  return 2
end
redis.call('SET', KEYS[4], ARGV[1], 'EX', ARGV[2])
for i = 5, #KEYS do
  local at = 5 + (i - 5) * 4
  local id, day, count, last = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  if not redis.call('ZSCORE', KEYS[3], id) then
    if redis.call('HINCRBY', KEYS[i], day, count) == tonumber(count) and is_to_be_cleared(KEYS[i]) then
      for _, old in ipairs(redis.call('HKEYS', KEYS[i])) do
        if old < ARGV[4] then
          redis.call('HDEL', KEYS[i], old)
        end
      end
    end
    redis.call('EXPIRE', KEYS[i], ARGV[3])
    local known = redis.call('HGET', KEYS[2], id)
    if not known or tonumber(known) < tonumber(last) then
      redis.call('HSET', KEYS[2], id, last)
    end
  end
end
return 1
