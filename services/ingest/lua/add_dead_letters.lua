-- Adds dead letters, counts equal ones up, and drops the oldest beyond the limits.
-- KEYS: stream, index (digest -> entry id), times (entry id -> how often), totals ("bytes", "dropped").
-- ARGV: letters kept at most, bytes kept at most, milliseconds kept at most; then of each letter digest and message.
-- Returns how many were dropped.
local stream, index, times, totals = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local most, most_bytes, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])

for at = 4, #ARGV, 2 do
  local digest, message = ARGV[at], ARGV[at + 1]
  local known = redis.call('HGET', index, digest)
  if known then
    redis.call('HINCRBY', times, known, 1)
  else
    local id = redis.call('XADD', stream, '*', '__data__', message, 'digest', digest)
    redis.call('HSET', index, digest, id)
    redis.call('HSET', times, id, 1)
    redis.call('HINCRBY', totals, 'bytes', #message)
  end
end

local now = redis.call('TIME')
local oldest = now[1] * 1000 + math.floor(now[2] / 1000) - longest
local number = redis.call('XLEN', stream)
local bytes = tonumber(redis.call('HGET', totals, 'bytes') or 0)
local dropped = 0
while number > 0 do
  local entry = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
  local since = tonumber(string.match(entry[1], '^%d+'))
  if number <= most and bytes <= most_bytes and since >= oldest then
    break
  end
  redis.call('XDEL', stream, entry[1])
  redis.call('HDEL', times, entry[1])
  if entry[2][3] == 'digest' then
    redis.call('HDEL', index, entry[2][4])
    bytes = redis.call('HINCRBY', totals, 'bytes', -#entry[2][2])
  end
  number = number - 1
  dropped = dropped + 1
end
if dropped > 0 then
  redis.call('HINCRBY', totals, 'dropped', dropped)
end
return dropped
