-- Removes dead letters that were handled; those removed already are ignored.
-- KEYS: as of add_dead_letters.lua. ARGV: entry ids. Returns how many were removed.
local stream, index, times, totals = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local removed = 0
for _, id in ipairs(ARGV) do
  local entry = redis.call('XRANGE', stream, id, id)[1]
  if entry then
    redis.call('XDEL', stream, id)
    redis.call('HDEL', times, id)
    if entry[2][3] == 'digest' then
      redis.call('HDEL', index, entry[2][4])
      redis.call('HINCRBY', totals, 'bytes', -#entry[2][2])
    end
    removed = removed + 1
  end
end
return removed
