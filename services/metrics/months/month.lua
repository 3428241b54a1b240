-- Moves a month from one state to the next, with its snapshot (never written over) and an entry in the audit trail.
-- KEYS: states, snapshot, audit
-- ARGV: month, state before ('' for none), state after, snapshot ('' for none), audit entry
-- Returns 1, or 0 when the month is not in the state before.
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then
  return 0
end
if ARGV[4] ~= '' then
  redis.call('SET', KEYS[2], ARGV[4], 'NX')
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('XADD', KEYS[3], '*', 'entry', ARGV[5])
return 1
