-- Appends entries if the last one is still the expected one.
-- KEYS: entries, head. ARGV: expected sequence number and hash, maximum length, then for each entry its record, the hash before it and its own.
-- Answers with the sequence number and the hash of the present last entry if that is another, and with nothing otherwise.
local sequence, hash = unpack(redis.call('hmget', KEYS[2], 'seq', 'hash'))
sequence = sequence or '0'
hash = hash or ''
if sequence ~= ARGV[1] or hash ~= ARGV[2] then
  return {sequence, hash}
end
local number = tonumber(sequence)
for i = 4, #ARGV, 3 do
  number = number + 1
  hash = ARGV[i + 2]
  redis.call('xadd', KEYS[1], 'maxlen', '~', ARGV[3], string.format('%.0f-0', number), 'entry', ARGV[i], 'previous', ARGV[i + 1], 'hash', hash)
end
redis.call('hset', KEYS[2], 'seq', string.format('%.0f', number), 'hash', hash)
return {}
