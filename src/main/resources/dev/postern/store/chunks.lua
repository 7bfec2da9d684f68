-- Runs a command on many arguments, a thousand at a time, since Lua can pass only some thousands. Returns all replies
-- in one list.
local function on_all(command, key, arguments)
  local replies = {}
  for from = 1, #arguments, 1000 do
    local reply = redis.call(command, key, unpack(arguments, from, math.min(from + 999, #arguments)))
    if type(reply) == 'table' then
      for i = 1, #reply do
        replies[#replies + 1] = reply[i]
      end
    end
  end
  return replies
end

