-- What all scripts of conversations begin with. KEYS are always: the copy (hash), the journal (hash), the journaled conversations of the
-- partition (sorted set), the fill lease (string); they have one hash tag. Fields are registers, and `o` for the owner; values are
-- `{revision}|{at}|{value}`. A copy also has `.g`, the life it belongs to, `.v`, the token of its filling, and `.n`, its changes since.
local copy, journal, journaled, lease = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

-- The life of this server: another history of writes is another life. A master takes a new id when it starts and when it is promoted. The
-- process has an id of its own, which is asked for only where there is none of the history: each INFO costs some microseconds.
local function after(about, name)
    local _, last = string.find(about, name, 1, true)
    return last and string.match(about, '^%w+', last + 1)
end

local function history_told_by(about)
    local history = after(about, 'master_replid:')
    return history and string.find(history, '[^0]') and history
end

local function life()
    local about = redis.call('INFO', 'replication')
    local history = history_told_by(about) or after(redis.call('INFO', 'server'), 'run_id:')
    return after(about, 'role:') .. ':' .. history
end

local function revision(entry)
    return tonumber(string.match(entry, '^(%d+)|'))
end

local function now()
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
end
