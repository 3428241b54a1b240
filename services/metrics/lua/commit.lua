#!lua
local head = redis.call('HMGET', KEYS[1], 'cursor', 'rules')
if (head[1] or '') ~= ARGV[1] or (head[2] or ARGV[3]) ~= ARGV[3] then
  return 0
end
for k = 2, #KEYS do
  local states = cmsgpack.unpack(ARGV[k + 4])
  for i = 1, #states, 2000 do
    redis.call('HSET', KEYS[k], unpack(states, i, math.min(i + 1999, #states)))
  end
end
local deltas = cmsgpack.unpack(ARGV[4])
for i = 1, #deltas, 2 do
  redis.call('HINCRBY', KEYS[1], deltas[i], deltas[i + 1])
end
redis.call('HSET', KEYS[1], 'cursor', ARGV[2], 'rules', ARGV[3])
redis.call('HINCRBY', KEYS[1], 'entries', ARGV[5])
return 1
