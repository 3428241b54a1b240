-- Gives the lease up, if it is still the candidate's own.   KEYS: lease   ARGV: name of the candidate
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
