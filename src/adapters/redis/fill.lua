-- Keeps a value if the lease still holds; tells whether it did.
-- KEYS: the hash of the key's group. ARGV: the key, the lease, the value, how long it is kept (ms).
if redis.call('HGET', KEYS[1], ARGV[1]) ~= 'L' .. ARGV[2] then
    return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[4]) then
    redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
return 1
