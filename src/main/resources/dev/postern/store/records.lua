-- Prepended to scripts that read records. Such a script must read all of them before it writes anything: what it has
-- written stays when it fails.

-- Fails: the record at this key is not of a version that this gate knows. It may be of a later version, and mean
-- something else; writing it back could lose a part of it.
local function unreadable(key)
  error('UNREADABLE ' .. key)
end

-- Decodes a JSON record.
local function decoded(key, record)
  local is_json, json = pcall(cjson.decode, record)
  if not is_json or type(json) ~= 'table' or json.v ~= 1 then
    unreadable(key)
  end
  return json
end
