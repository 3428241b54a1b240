#!lua
local live = redis.call('HMGET', KEYS[1], 'cursor', 'generation')
if (live[1] or '0-0') ~= (redis.call('HGET', KEYS[2], 'cursor') or '0-0') then
  return {'moved'}
end
local old = redis.call('HGETALL', KEYS[1])
local counts, different = {}, {}
for i = 1, #old, 2 do counts[old[i]] = old[i + 1] end
local new = redis.call('HGETALL', KEYS[2])
for i = 1, #new, 2 do
  if string.find(new[i], '|', 1, true) then
    if (counts[new[i]] or '0') ~= new[i + 1] then different[#different + 1] = new[i] end
    counts[new[i]] = nil
  end
end
for field, count in pairs(counts) do
  if string.find(field, '|', 1, true) and count ~= '0' then different[#different + 1] = field end
end
for k = 1, #KEYS, 2 do
  redis.call('DEL', KEYS[k])
  if redis.call('EXISTS', KEYS[k + 1]) == 1 then redis.call('RENAME', KEYS[k + 1], KEYS[k]) end
end
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('HSET', KEYS[1], 'generation', (live[2] or 0) + 1)
end
return {'swapped', #different, unpack(different, 1, math.min(#different, 20))}
