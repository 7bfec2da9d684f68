-- Marks a position in the journal of a list, and creates the journal if there is none. KEYS[1] the journal; ARGV[1] how
-- long it is kept without readers, in seconds. Returns the position.
local position = redis.call('XADD', KEYS[1], 'MAXLEN', '~', 1000, '*', '', 'opened')
redis.call('EXPIRE', KEYS[1], ARGV[1])
return position
