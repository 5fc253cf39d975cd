-- Removes the conversations of a session; how many there were.
-- KEYS: what they take. ARGV: the session.
local removed = 0
for _, id in ipairs(redis.call('HKEYS', KEYS[1])) do
    removed = removed + redis.call('UNLINK', 'ret:t:' .. id)
end
forget(ARGV[1])
return removed
