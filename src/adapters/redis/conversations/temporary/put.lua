-- Takes changes of a conversation in that is there.
local head = redis.call('HMGET', KEYS[1], 'o', '.s')
if not head[1] or not head[2] then
    return {'none'}
end
if head[1] ~= ARGV[3] then
    return {'forbidden'}
end
for i = 9, #ARGV, 2 do
    local kept = redis.call('HGET', KEYS[1], ARGV[i])
    if kept and kept ~= ARGV[i + 1] then
        local theirs = string.match(kept, '^(%d+)|')
        if tonumber(theirs) >= tonumber(string.match(ARGV[i + 1], '^(%d+)|')) then
            return {'behind', theirs}
        end
    end
end
return take_in(head[2])
