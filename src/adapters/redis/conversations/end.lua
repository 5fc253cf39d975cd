-- Ends a conversation: its tombstone is all that stays, in the journal.
-- ARGV: the conversation, its owner, the tombstone's entry.
local g = life()
if redis.call('HEXISTS', journal, 'x') == 1 then
    return {'gone'}
end
local head = redis.call('HMGET', copy, '.g', 'x', 'o')
if head[1] ~= g then
    return {'none'}
end
if head[2] then
    return {'gone'}
end
if head[3] ~= ARGV[2] then
    return {'forbidden'}
end
redis.call('DEL', copy, journal, lease)
redis.call('HSET', journal, 'x', ARGV[3], 'o', ARGV[2])
redis.call('ZADD', journaled, 'NX', now(), ARGV[1])
return {'kept', g, ''}
