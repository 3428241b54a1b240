"""The Lua that reads and commits one partition of one stream, each in one atomic step.

KEYS: the counts hash, then one states hash per track. Blobs are msgpack without its bin type, which Lua's cmsgpack
does not know. `unpack` is called on slices, for Lua's stack is small.
"""

READ = """#!lua flags=no-writes
local head = redis.call('HMGET', KEYS[1], 'cursor', 'rules')
local found = {head[1], head[2]}
for k = 2, #KEYS do
  local blob, values = ARGV[k - 1], {}
  for i = 1, #blob, 16000 do
    local fields = {}
    for j = i, math.min(i + 15999, #blob), 16 do
      fields[#fields + 1] = string.sub(blob, j, j + 15)
    end
    for _, value in ipairs(redis.call('HMGET', KEYS[k], unpack(fields))) do
      values[#values + 1] = value
    end
  end
  found[k + 1] = cmsgpack.pack(values)
end
return found
"""

COMMIT = """#!lua
local head = redis.call('HMGET', KEYS[1], 'cursor', 'rules')
if (head[1] or '') ~= ARGV[1] or (head[2] or ARGV[3]) ~= ARGV[3] then
  return 0
end
for k = 2, #KEYS do
  local states = cmsgpack.unpack(ARGV[k + 3])
  for i = 1, #states, 2000 do
    redis.call('HSET', KEYS[k], unpack(states, i, math.min(i + 1999, #states)))
  end
end
local deltas = cmsgpack.unpack(ARGV[4])
for i = 1, #deltas, 2 do
  redis.call('HINCRBY', KEYS[1], deltas[i], deltas[i + 1])
end
redis.call('HSET', KEYS[1], 'cursor', ARGV[2], 'rules', ARGV[3])
return 1
"""
