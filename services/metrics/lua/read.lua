#!lua flags=no-writes
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
