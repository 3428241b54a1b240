-- Gives a dead message all its attempts again, from now.
-- KEYS: message, due set, pending set, dead set   ARGV: key, now (ms)   Returns 1 when it was dead.
if redis.call('HGET', KEYS[1], 'state') ~= 'DEAD' then
  return 0
end
redis.call('HSET', KEYS[1], 'state', 'PENDING', 'attempts', 0, 'due_at', ARGV[2])
redis.call('HDEL', KEYS[1], 'settled_at')
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[3], redis.call('HGET', KEYS[1], 'recorded_at'), ARGV[1])
return 1
