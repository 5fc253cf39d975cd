-- Told after the commit that the database holds these registers at these revisions or greater ones, which stays true whenever it comes.
-- ARGV: the conversation, then register and revision of each.
for i = 2, #ARGV, 2 do
    local kept = tonumber(ARGV[i + 1])
    -- Repair: a copy that does not know of it is older than the database.
    local copied = redis.call('HGET', copy, ARGV[i])
    if not copied or revision(copied) < kept then
        redis.call('DEL', copy)
    end
    -- Compare and clear: what came meanwhile stays.
    local waiting = redis.call('HGET', journal, ARGV[i])
    if waiting and revision(waiting) <= kept then
        redis.call('HDEL', journal, ARGV[i])
    end
end
local left = redis.call('HLEN', journal)
if left == 0 or (left == 1 and redis.call('HEXISTS', journal, 'o') == 1) then
    redis.call('DEL', journal)
    redis.call('ZREM', journaled, ARGV[1])
end
-- Who read the database before the commit fills nothing in.
redis.call('DEL', lease)
return 1
