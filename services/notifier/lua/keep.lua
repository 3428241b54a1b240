-- Keeps an evaluation, if the term of the notifier that made it is not over.
-- KEYS: fence, evaluation, days   ARGV: term, evaluation as JSON, day number, day   Returns 1 when kept.
if tonumber(redis.call('GET', KEYS[1]) or '0') ~= tonumber(ARGV[1]) then
  return 0
end
redis.call('SET', KEYS[2], ARGV[2])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[4])
return 1
