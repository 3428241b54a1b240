-- Stores an evaluation and publishes the flags it changes, if the term of the notifier that made it is not over.
-- KEYS: fence, evaluation, days, stream of flags
-- ARGV: term, evaluation as JSON, day number, day, length of the stream, then an entry of the stream per change
-- Returns 1 when stored.
if tonumber(redis.call('GET', KEYS[1]) or '0') ~= tonumber(ARGV[1]) then
  return 0
end
redis.call('SET', KEYS[2], ARGV[2])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[4])
for i = 6, #ARGV do
  redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[5], '*', '__data__', ARGV[i])
end
return 1
