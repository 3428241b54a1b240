"""The Lua that reads and commits one partition of one stream, each in one atomic step.

KEYS: the counts hash, then one states hash per track. Blobs are msgpack without its bin type, which Lua's cmsgpack
does not know. `unpack` is called on slices, for Lua's stack is small.
"""

READ = """#!lua flags=no-writes
local head = redis.call('HMGET', KEYS[1], 'cursor', 'rules')
local found = {head[1], head[2]}
for k = 2, #KEYS do
  local blob, values = ARGV[k - 1], {}
  if redis.call('EXISTS', KEYS[k]) == 0 then blob = '' end
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
"""

SWAP = """#!lua
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
"""
