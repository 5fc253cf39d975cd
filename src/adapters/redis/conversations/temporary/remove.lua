-- Removes a conversation.
-- ARGV: the conversation.
local session = redis.call('HGET', KEYS[1], '.s')
redis.call('UNLINK', KEYS[1])
if session then
    count(session, ARGV[1], 0)
end
return 1
