-- Writes changes to copy and journal, all or none.
-- ARGV: the conversation, its owner, the life that the writer knows of (or empty), the lease under which the copy is made if there is none (or
-- empty), its token then, how long it is kept (s), then register and entry of each change.
-- The writer's word is taken for the life, for to ask in a script takes as long as all the rest; it asks itself afterwards. If it is another one, the
-- copy is one that nobody reads here, and the writer is told of the life that has its journal.
if redis.call('HEXISTS', journal, 'x') == 1 then
    return {'gone'}
end
local g = ARGV[3] ~= '' and ARGV[3] or life()
local wanted = {'.g', '.v', 'x', 'o'}
for i = 7, #ARGV, 2 do
    wanted[#wanted + 1] = ARGV[i]
end
local kept = redis.call('HMGET', copy, unpack(wanted))
local filling = kept[2]
if kept[1] == g then
    if kept[3] then
        return {'gone'}
    end
    if kept[4] ~= ARGV[2] then
        return {'forbidden'}
    end
    for i = 5, #wanted do
        local there, new = kept[i], ARGV[2 * i - 2]
        if there and there ~= new then
            local theirs, ours = revision(there), revision(new)
            if theirs > ours then
                return {'behind', there}
            end
            if theirs == ours then
                return {'exists', there}
            end
        end
    end
else
    -- A lease, so that a call that comes late makes nothing.
    if ARGV[4] == '' or redis.call('GET', lease) ~= ARGV[4] then
        return {'none'}
    end
    filling = ARGV[5]
    redis.call('DEL', copy, lease)
    redis.call('HSET', copy, '.g', g, '.v', filling, '.n', 0, 'o', ARGV[2])
    redis.call('EXPIRE', copy, ARGV[6])
end
redis.call('HSET', copy, unpack(ARGV, 7))
redis.call('HSET', journal, 'o', ARGV[2], unpack(ARGV, 7))
local changes = redis.call('HINCRBY', copy, '.n', 1)
redis.call('ZADD', journaled, 'NX', now(), ARGV[1])
return {'kept', g, filling .. ':' .. changes}
