-- Removes a terminal and frees its place. KEYS[1] the terminals of an application, KEYS[2] the number of terminals
-- admitted with each authcode; ARGV[1] the id of the terminal, ARGV[2] its expected record, ARGV[3] the index of its
-- authcode. Returns 1 when done.
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then
  return 0
end
redis.call('HDEL', KEYS[1], ARGV[1])
if redis.call('HEXISTS', KEYS[2], ARGV[3]) == 1 then
  redis.call('HINCRBY', KEYS[2], ARGV[3], -1)
end
return 1
