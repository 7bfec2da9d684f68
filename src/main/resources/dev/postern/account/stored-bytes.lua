-- Prepended to scripts that change what an account stores. A hash in the account's slot holds the size of each item in
-- bytes, and their sum in the field 'total'. The field 'counted' exists once everything has been counted that was
-- stored before this hash was introduced. A size with a ticket ('bytes:ticket') is reserved for a change that may not
-- have happened: the stored record is at most this large.
local function bytes_of(sizes, item)
  local noted = redis.call('HGET', sizes, item)
  return noted and tonumber(string.match(noted, '^%d+')) or 0
end

local function account_for(sizes, item, bytes, ticket)
  local change = bytes - bytes_of(sizes, item)
  if bytes == 0 then
    redis.call('HDEL', sizes, item)
  else
    redis.call('HSET', sizes, item, ticket and (string.format('%d', bytes) .. ':' .. ticket) or string.format('%d', bytes))
  end
  if change ~= 0 then
    redis.call('HINCRBY', sizes, 'total', string.format('%d', change))
  end
end

-- Whether an item may take this many bytes. An item that does not grow always may.
local function has_room(sizes, item, bytes, most)
  local before = bytes_of(sizes, item)
  local total = tonumber(redis.call('HGET', sizes, 'total') or '0')
  return bytes <= before or total - before + bytes <= tonumber(most)
end

local function is_counted(sizes)
  return redis.call('HEXISTS', sizes, 'counted') == 1
end

-- The size of an item that is a whole hash; counted now if it has not been counted yet.
local function bytes_of_hash(sizes, item, hash)
  if redis.call('HEXISTS', sizes, item) == 1 then
    return bytes_of(sizes, item)
  end
  local sum = 0
  local all = redis.call('HGETALL', hash)
  for i = 2, #all, 2 do
    sum = sum + #all[i]
  end
  account_for(sizes, item, sum)
  return sum
end

