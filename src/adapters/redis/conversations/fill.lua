-- Fills in a copy from the database, joined with the journal, if the lease holds.
-- ARGV: the lease's token, its life, how long the copy is kept (s), the owner, a token of this copy, then register and entry of each.
local g = life()
if redis.call('GET', lease) ~= ARGV[1] or g ~= ARGV[2] then
    return 0
end
redis.call('DEL', copy, lease)
redis.call('HSET', copy, '.g', g, '.v', ARGV[5], '.n', 0, 'o', ARGV[4])
for i = 6, #ARGV, 2 do
    redis.call('HSET', copy, ARGV[i], ARGV[i + 1])
end
local waiting = redis.call('HGETALL', journal)
for i = 1, #waiting, 2 do
    if waiting[i] ~= 'o' then
        local copied = redis.call('HGET', copy, waiting[i])
        if not copied or revision(copied) < revision(waiting[i + 1]) then
            redis.call('HSET', copy, waiting[i], waiting[i + 1])
        end
    end
end
redis.call('EXPIRE', copy, ARGV[3])
return 1
