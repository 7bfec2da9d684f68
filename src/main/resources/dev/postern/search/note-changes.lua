-- Prepended to scripts that add, rename or remove items of a list. If a gate keeps the names of the list in memory, a
-- journal says which items to read again. Without such a gate there is no journal. A change of several steps is noted
-- as 'begun' before the first one, and as 'done' after the last one.
local function note_changes(journal, ids, state)
  if redis.call('EXISTS', journal) == 0 then
    return
  end
  for first = 1, #ids, 100 do
    local fields = {}
    for i = first, math.min(first + 99, #ids) do
      fields[#fields + 1] = ids[i]
      fields[#fields + 1] = state
    end
    redis.call('XADD', journal, 'MAXLEN', '~', 1000, '*', unpack(fields))
  end
end

