-- Takes or renews the lease of the one leader; a new term gets a number no earlier term had.
-- KEYS: lease, fence   ARGV: name of the candidate, lease (ms)   Returns the term, or 0 while another leads.
local leader = redis.call('GET', KEYS[1])
if leader == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return tonumber(redis.call('GET', KEYS[2]))
end
if leader then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('INCR', KEYS[2])
