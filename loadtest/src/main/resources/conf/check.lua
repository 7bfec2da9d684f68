-- The check of nginx: may this key use this method on this device and these streams?
local cjson = require "cjson.safe"
local check = {}
local rules = {}

-- A line of the file: key, account, devices with commas between them, streams or *.
local function parse(line)
  local key, account, devices, streams = line:match("^(%S+) (%S+) (%S+) (%S+)$")
  local rule = { account = account, devices = {}, streams = nil }
  for device in devices:gmatch("[^,]+") do rule.devices[device] = true end
  if streams ~= "*" then
    rule.streams = {}
    for stream in streams:gmatch("[^,]+") do rule.streams[stream] = true end
  end
  return key, rule
end

function check.load(file)
  for line in io.lines(file) do
    local key, rule = parse(line)
    rules[key] = rule
  end
end

local function refuse(status, reason)
  ngx.status = status
  ngx.header["Content-Type"] = "application/problem+json"
  ngx.say('{"status":' .. status .. ',"reason":"' .. reason .. '"}')
  return ngx.exit(status)
end

local methods = { GET = true, POST = true, PUT = true, DELETE = true, HEAD = true }

local function decide(rule)
  if not rule then return refuse(401, "credential_unknown") end
  if not methods[ngx.req.get_method()] then return refuse(405, "method_unknown") end
  local match = ngx.re.match(ngx.var.uri, "^/devices/([^/]+)(/datapoints)?$", "jo")
  if not match then return refuse(404, "operation_unknown") end
  if not rule.devices[match[1]] then return refuse(403, "device_not_permitted") end
  if rule.streams and match[2] then
    ngx.req.read_body()
    local body = cjson.decode(ngx.req.get_body_data() or "")
    if not body or type(body.datastreams) ~= "table" then return refuse(400, "body_malformed") end
    for _, stream in ipairs(body.datastreams) do
      if not rule.streams[stream.id] then return refuse(403, "stream_not_permitted") end
    end
  end
  ngx.req.clear_header("api-key")
  ngx.req.set_header("X-Account", rule.account)
  ngx.req.set_header("X-Device", match[1])
end

function check.cached()
  return decide(rules[ngx.var.http_api_key or ""])
end

function check.redis(port)
  local redis = require("nginx.redis"):new()
  redis:set_timeout(1000)
  if not redis:connect("127.0.0.1", port) then return refuse(503, "store_unavailable") end
  local line = redis:get("rule:" .. (ngx.var.http_api_key or ""))
  redis:set_keepalive(60000, 128)
  if not line then return refuse(503, "store_unavailable") end
  local rule
  if line ~= ngx.null then local _, parsed = parse(line); rule = parsed end
  return decide(rule)
end

return check
