-- What all scripts of temporary conversations begin with. KEYS: the conversation (hash `ret:t:{id}`; fields are registers, `o` for the owner and
-- `.s` for the session; values are `{revision}|{at}|{value}`). What it takes stands with its session (hash `ret:tb:{session}`, bytes by id); what
-- sessions take stands in `ret:tr` (hash, bytes by session, and the sum as `all`), and when each was looked at last in `ret:tl` (sorted set). These have
-- no time to live, so that they are not evicted before what they count. They are named here, for who writes does not know the session.
local SUMS, LOOKED_AT = 'ret:tr', 'ret:tl'

-- So many sessions are looked at when there is no room.
local AT_ONCE = 32

local function of_session(session)
    return 'ret:tb:' .. session
end

local function now()
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Has a sum be another; one of nothing is gone.
local function set_sum(of, bytes)
    if bytes > 0 then
        redis.call('HSET', SUMS, of, bytes)
    else
        redis.call('HDEL', SUMS, of)
    end
end

local function sum(of)
    return tonumber(redis.call('HGET', SUMS, of) or 0)
end

-- Counts a conversation as so many bytes; with none it is counted no more.
local function count(session, id, bytes)
    local before = tonumber(redis.call('HGET', of_session(session), id) or 0)
    if bytes > 0 then
        redis.call('HSET', of_session(session), id, bytes)
    else
        redis.call('HDEL', of_session(session), id)
    end
    set_sum(session, sum(session) + bytes - before)
    set_sum('all', sum('all') + bytes - before)
    if redis.call('EXISTS', of_session(session)) == 1 then
        redis.call('ZADD', LOOKED_AT, now(), session)
    else
        redis.call('ZREM', LOOKED_AT, session)
    end
end

-- The bytes of a session's conversations, and how many there are. Those that have ended by themselves are counted no more.
local function taken(session)
    local bytes, number = 0, 0
    local counted = redis.call('HGETALL', of_session(session))
    for i = 1, #counted, 2 do
        if redis.call('EXISTS', 'ret:t:' .. counted[i]) == 1 then
            bytes, number = bytes + tonumber(counted[i + 1]), number + 1
        else
            count(session, counted[i], 0)
        end
    end
    return bytes, number
end

-- A session is counted no more.
local function forget(session)
    set_sum('all', sum('all') - sum(session))
    redis.call('HDEL', SUMS, session)
    redis.call('ZREM', LOOKED_AT, session)
    redis.call('DEL', of_session(session))
end

-- What all sessions take. Of those that were not looked at for longest, conversations that have ended by themselves are counted no more. What
-- was evicted, where that is allowed to happen, is counted anew.
local function taken_by_all()
    for _, session in ipairs(redis.call('HKEYS', SUMS)) do
        if session ~= 'all' and not redis.call('ZSCORE', LOOKED_AT, session) then
            redis.call('ZADD', LOOKED_AT, 0, session)
        end
    end
    for _, session in ipairs(redis.call('ZRANGE', LOOKED_AT, 0, AT_ONCE - 1)) do
        local bytes, number = taken(session)
        if number > 0 then
            set_sum(session, bytes)
            redis.call('ZADD', LOOKED_AT, now(), session)
        else
            forget(session)
        end
    end
    local sums, all = redis.call('HGETALL', SUMS), 0
    for i = 1, #sums, 2 do
        if sums[i] ~= 'all' then
            all = all + tonumber(sums[i + 1])
        end
    end
    set_sum('all', all)
    return all
end

-- Takes changes in, all or none.
-- ARGV: the conversation, its session (or empty), its owner, how long it is kept (ms), the bytes of an entry beside what it holds; the room: conversations
-- of a session, bytes of those, bytes of all; then register and entry of each change.
local function take_in(session)
    local more = 0
    for i = 9, #ARGV, 2 do
        local before = redis.call('HSTRLEN', KEYS[1], ARGV[i])
        more = more + #ARGV[i + 1] - before + (before == 0 and tonumber(ARGV[5]) or 0)
    end
    if more > 0 then
        local bytes, number = taken(session)
        local is_new = redis.call('EXISTS', KEYS[1]) == 0
        if is_new and number >= tonumber(ARGV[6]) then
            return {'no room', 'number'}
        end
        if bytes + more > tonumber(ARGV[7]) then
            return {'no room', 'session'}
        end
        local most = tonumber(ARGV[8])
        if sum('all') + more > most and taken_by_all() + more > most then
            return {'no room', 'all'}
        end
    end
    redis.call('HSET', KEYS[1], 'o', ARGV[3], '.s', session, unpack(ARGV, 9))
    redis.call('PEXPIRE', KEYS[1], ARGV[4])
    count(session, ARGV[1], tonumber(redis.call('HGET', of_session(session), ARGV[1]) or 0) + more)
    return {'kept'}
end
