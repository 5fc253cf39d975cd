-- Gives the copy; or that it has the tag the caller knows; or, if there is none, a fill lease and the journal.
-- ARGV: a token for a new lease, the tag that is known (or empty), how long a lease holds (ms).
local g = life()
local head = redis.call('HMGET', copy, '.g', '.v', '.n')
if head[1] == g then
    local tag = head[2] .. ':' .. head[3]
    if tag == ARGV[2] then
        return {'same'}
    end
    return {'found', g, tag, redis.call('HGETALL', copy)}
end
redis.call('SET', lease, ARGV[1], 'NX', 'PX', ARGV[3])
return {'none', g, redis.call('GET', lease), redis.call('HGETALL', journal)}
