-- Gives what is kept of a key: a live value, or the lease under which one may be filled in; a new lease if there is neither.
-- KEYS: the hash of the key's group. ARGV: the key, now (ms), a new lease, how long a hash with it lives at least (ms).
local kept = redis.call('HGET', KEYS[1], ARGV[1])
if kept then
    local kept_until = string.match(kept, '^V%d+ (%d+) ')
    if not kept_until or tonumber(kept_until) > tonumber(ARGV[2]) then
        return kept
    end
end
local lease = 'L' .. ARGV[3]
redis.call('HSET', KEYS[1], ARGV[1], lease)
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[4]) then
    redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
return lease
