-- Removes the receiver's part of a share. ARGV[4] the device, ARGV[5] its owner, or '' for any, ARGV[6] the
-- record that must be there, or '' for any. Returns the owner, '' if there was no such share, or '!' if the record is
-- another.
local present = redis.call('HGET', KEYS[7], ARGV[4])
local owner = present and string.match(present, '^([^|]*)|') or ''
if owner == '' or (ARGV[5] ~= '' and ARGV[5] ~= owner) then
  return ''
end
if ARGV[6] ~= '' and ARGV[6] ~= present then
  return '!'
end
redis.call('HDEL', KEYS[7], ARGV[4])
note_changes(KEYS[13], {ARGV[4]}, 'done')
return owner
