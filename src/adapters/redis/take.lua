-- The step of GCRA that must not be divided: reads the arrival time of a key and moves it on if the request passes. Gives what it was
-- before, from which the caller computes the decision. Times are microseconds since 1970; they fit into a double without loss.
-- KEYS: the key. ARGV: now, interval between requests, what a whole quota of intervals takes.
local now, interval, whole = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local before = redis.call('GET', KEYS[1])
if before and tonumber(before) > now + 2 * whole then
    -- What no clock that goes right can have written.
    before = false
end
local arrival = math.max(tonumber(before) or now, now)
if arrival + interval - whole <= now then
    arrival = arrival + interval
    -- A key that is past its arrival time is like none. A minute more, for clocks of instances that differ.
    local lives = math.ceil((arrival - now) / 1000) + 60000
    redis.call('SET', KEYS[1], string.format('%.0f', arrival), 'PX', string.format('%.0f', lives))
end
return before
