-- Makes a conversation of a session.
return take_in(ARGV[2])
