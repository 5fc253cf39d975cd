-- Takes changes of a temporary conversation in, all or none.
-- KEYS: the conversation (hash; fields are registers, and `o` for the owner; values `{revision}|{at}|{value}`).
-- ARGV: its owner, how long it is kept (ms), then register and entry of each change.
local owner = redis.call('HGET', KEYS[1], 'o')
if not owner then
    return {'none'}
end
if owner ~= ARGV[1] then
    return {'forbidden'}
end
for i = 3, #ARGV, 2 do
    local kept = redis.call('HGET', KEYS[1], ARGV[i])
    if kept and kept ~= ARGV[i + 1] then
        local theirs = string.match(kept, '^(%d+)|')
        if tonumber(theirs) >= tonumber(string.match(ARGV[i + 1], '^(%d+)|')) then
            return {'behind', theirs}
        end
    end
end
for i = 3, #ARGV, 2 do
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {'kept'}
