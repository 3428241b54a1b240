#!lua
-- KEYS: states, snapshot, audit. ARGV: month, state before ('' for none), state after, snapshot ('' for none), entry.
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then
  return 0
end
if ARGV[4] ~= '' then
  redis.call('SET', KEYS[2], ARGV[4])
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('XADD', KEYS[3], '*', 'entry', ARGV[5])
return 1
