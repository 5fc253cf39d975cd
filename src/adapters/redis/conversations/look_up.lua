-- Gives the copy; or, if there is none, a fill lease and the journal.
-- ARGV: a token for a new lease, how long a lease holds (ms).
local g = life()
local head = redis.call('HMGET', copy, '.g', '.v', '.n')
if head[1] == g then
    return {'found', g, head[2] .. ':' .. head[3], redis.call('HGETALL', copy)}
end
redis.call('SET', lease, ARGV[1], 'NX', 'PX', ARGV[2])
return {'none', g, redis.call('GET', lease), redis.call('HGETALL', journal)}
