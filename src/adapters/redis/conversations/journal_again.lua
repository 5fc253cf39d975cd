-- Journals changes that were acknowledged in an earlier life of the tier; a copy that may not know of them goes.
-- ARGV: the conversation, its owner, then register and entry of each.
for i = 3, #ARGV, 2 do
    local waiting = redis.call('HGET', journal, ARGV[i])
    if not waiting or revision(waiting) < revision(ARGV[i + 1]) then
        redis.call('HSET', journal, ARGV[i], ARGV[i + 1])
    end
end
redis.call('HSET', journal, 'o', ARGV[2])
redis.call('ZADD', journaled, 'NX', now(), ARGV[1])
redis.call('DEL', copy, lease)
return 1
