-- Which life this is, and what the server removes when its memory is full. (Azure does not let CONFIG be asked.)
return {life(), string.match(redis.call('INFO', 'memory'), 'maxmemory_policy:(%S+)') or ''}
