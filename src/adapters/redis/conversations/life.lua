-- Which life this is, what the server removes when its memory is full (Azure does not let CONFIG be asked), and whether the life is told by the
-- history of its writes: what is told by the process alone may be back with what it held long ago.
local about = redis.call('INFO', 'replication')
if after(about, 'role:') ~= 'master' then
    return redis.error_reply('READONLY this server is a replica')
end
local is_told = history_told_by(about) and 1 or 0
return {life(), string.match(redis.call('INFO', 'memory'), 'maxmemory_policy:(%S+)') or '', is_told}
