-- The index of words keeps those of a deleted row until it is merged. A row here asks for that; there is one at most.
CREATE TABLE conversation_words_deleted (number INTEGER PRIMARY KEY CHECK (number = 1)) STRICT;
INSERT INTO conversation_words_deleted VALUES (1);
CREATE TRIGGER conversation_words_deleted_follow AFTER DELETE ON conversation_registers BEGIN
    INSERT OR IGNORE INTO conversation_words_deleted VALUES (1);
END;
