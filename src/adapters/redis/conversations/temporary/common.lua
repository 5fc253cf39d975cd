-- What all scripts of temporary conversations begin with. KEYS: the conversation (hash `ret:t:{id}`; fields are registers, `o` for the owner and
-- `.s` for the session; values are `{revision}|{at}|{value}`). What it takes stands with its session (hash `ret:tb:{session}`, bytes by id), and
-- the sum of all in `ret:tb`. Those two have no time to live, so that they are not evicted before what they count. They are named here, for
-- who writes does not know the session.
local ALL = 'ret:tb'

local function of_session(session)
    return 'ret:tb:' .. session
end

-- Counts a conversation as so many bytes; with none it is counted no more.
local function count(session, id, bytes)
    local before = tonumber(redis.call('HGET', of_session(session), id) or 0)
    if bytes > 0 then
        redis.call('HSET', of_session(session), id, bytes)
    else
        redis.call('HDEL', of_session(session), id)
    end
    if redis.call('INCRBY', ALL, bytes - before) <= 0 then
        redis.call('DEL', ALL)
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
        if bytes + more > tonumber(ARGV[7]) or (is_new and number >= tonumber(ARGV[6])) then
            return {'no room', 'session'}
        end
        if tonumber(redis.call('GET', ALL) or 0) + more > tonumber(ARGV[8]) then
            return {'no room', 'all'}
        end
    end
    redis.call('HSET', KEYS[1], 'o', ARGV[3], '.s', session, unpack(ARGV, 9))
    redis.call('PEXPIRE', KEYS[1], ARGV[4])
    count(session, ARGV[1], tonumber(redis.call('HGET', of_session(session), ARGV[1]) or 0) + more)
    return {'kept'}
end
