#!lua flags=allow-oom
-- Records how an attempt ended. SENT stands whoever reports it, for the receiver has the message; anything else
-- counts only from the holder of the claim, and never after SENT.
-- A full store takes it too: it grows by a few bytes, and an accepted message must not be sent again.
-- KEYS: message, due set, pending set, dead set, claim
-- ARGV: key, token, now (ms), new state, due (ms), note   Returns 1 when recorded.
local state = redis.call('HGET', KEYS[1], 'state')
if not state or state == 'SENT' then
  return 0
end
if ARGV[4] ~= 'SENT' and redis.call('GET', KEYS[5]) ~= ARGV[2] then
  return 0
end
redis.call('DEL', KEYS[5])
redis.call('HSET', KEYS[1], 'state', ARGV[4], 'note', ARGV[6])
if ARGV[4] == 'PENDING' then
  redis.call('HSET', KEYS[1], 'due_at', ARGV[5])
  redis.call('ZADD', KEYS[2], ARGV[5], ARGV[1])
  return 1
end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('HSET', KEYS[1], 'settled_at', ARGV[3])
if ARGV[4] == 'SENT' then
  -- The key stays as the proof that it was used; the body is no longer needed.
  redis.call('HDEL', KEYS[1], 'body')
  redis.call('ZREM', KEYS[4], ARGV[1])
else
  redis.call('ZADD', KEYS[4], ARGV[3], ARGV[1])
end
return 1
