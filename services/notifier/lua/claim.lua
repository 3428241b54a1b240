-- Claims the first due message without a claim for the length of a lease, and counts the attempt before it is made.
-- The lease is a key with a time to live, so the server's clock alone decides who holds a message; the due time
-- moves behind the lease as well, so that a dead holder's message comes back by itself.
-- KEYS: due set, pending set, dead set
-- ARGV: now (ms), lease (ms), token, most attempts, prefix of messages, prefix of claims
-- Returns {key, attempt, channel, to, body}, or false when nothing is due.
local due = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, 16)
for _, key in ipairs(due) do
  local message = ARGV[5] .. key
  local used = tonumber(redis.call('HGET', message, 'attempts'))
  if used >= tonumber(ARGV[4]) then
    -- Only crashes lead here: a failed last attempt is settled as DEAD by its sender.
    redis.call('HSET', message, 'state', 'DEAD')
    redis.call('ZREM', KEYS[1], key)
    redis.call('ZREM', KEYS[2], key)
    redis.call('ZADD', KEYS[3], ARGV[1], key)
  elseif redis.call('SET', ARGV[6] .. key, ARGV[3], 'NX', 'PX', ARGV[2]) then
    local again = tonumber(ARGV[1]) + tonumber(ARGV[2])
    redis.call('ZADD', KEYS[1], again, key)
    redis.call('HSET', message, 'attempts', used + 1, 'due_at', again,
      'note', 'no outcome recorded: the attempt is under way, or its process ended')
    local fields = redis.call('HMGET', message, 'channel', 'to', 'body')
    return {key, used + 1, fields[1], fields[2], fields[3]}
  end
end
return false
