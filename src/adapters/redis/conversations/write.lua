-- Writes changes to copy and journal, all or none.
-- ARGV: the conversation, its owner, the lease under which the copy is made if there is none (or empty), its token then, how long it is kept (s),
-- then register and entry of each change.
if redis.call('HEXISTS', journal, 'x') == 1 then
    return {'gone'}
end
local g = life()
local head = redis.call('HMGET', copy, '.g', 'x', 'o')
local is_new = head[1] ~= g
-- A lease, so that a call that comes late makes nothing.
if is_new and (ARGV[3] == '' or redis.call('GET', lease) ~= ARGV[3]) then
    return {'none'}
end
if not is_new then
    if head[2] then
        return {'gone'}
    end
    if head[3] ~= ARGV[2] then
        return {'forbidden'}
    end
    for i = 6, #ARGV, 2 do
        local kept = redis.call('HGET', copy, ARGV[i])
        if kept and kept ~= ARGV[i + 1] then
            local theirs, ours = revision(kept), revision(ARGV[i + 1])
            if theirs > ours then
                return {'behind', kept}
            end
            if theirs == ours then
                return {'exists', kept}
            end
        end
    end
else
    redis.call('DEL', copy, lease)
    redis.call('HSET', copy, '.g', g, '.v', ARGV[4], '.n', 0, 'o', ARGV[2])
    redis.call('EXPIRE', copy, ARGV[5])
end
for i = 6, #ARGV, 2 do
    redis.call('HSET', copy, ARGV[i], ARGV[i + 1])
    redis.call('HSET', journal, ARGV[i], ARGV[i + 1])
end
redis.call('HSET', journal, 'o', ARGV[2])
local changes = redis.call('HINCRBY', copy, '.n', 1)
redis.call('ZADD', journaled, 'NX', now(), ARGV[1])
return {'kept', g, redis.call('HGET', copy, '.v') .. ':' .. changes}
