-- Returns the size of the record KEYS[1]; 0 if there is none.
return #(redis.call('GET', KEYS[1]) or '')
