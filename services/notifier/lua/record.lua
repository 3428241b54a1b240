-- Records a message as PENDING and due now, unless its key was ever recorded.
-- KEYS: message, due set, pending set   ARGV: key, now (ms), channel, to, body   Returns 1 when it is new.
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
redis.call('HSET', KEYS[1], 'state', 'PENDING', 'channel', ARGV[3], 'to', ARGV[4], 'body', ARGV[5],
  'attempts', 0, 'recorded_at', ARGV[2], 'due_at', ARGV[2], 'note', '')
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
return 1
