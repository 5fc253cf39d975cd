-- A conversation is a map from registers (`t` title, `l` model, `m:{id}` message, `f:{id}` feedback) to values: the greatest
-- revision stays, of equal ones the first. A deleted conversation keeps its row, so that nothing that comes late brings it back.

CREATE TABLE conversations (
    id         TEXT PRIMARY KEY,
    owner_id   TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
) STRICT;
CREATE INDEX conversations_by_owner ON conversations (owner_id, updated_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX conversations_by_use ON conversations (updated_at) WHERE deleted_at IS NULL;

CREATE TABLE conversation_registers (
    number          INTEGER PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    register        TEXT NOT NULL,
    revision        INTEGER NOT NULL,
    at              INTEGER NOT NULL,
    value           TEXT NOT NULL,
    UNIQUE (conversation_id, register)
) STRICT;

-- The words of titles and messages, by the numbers of their registers. The text itself is in the register.
CREATE VIRTUAL TABLE conversation_words USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0"
);
CREATE TRIGGER conversation_words_follow AFTER DELETE ON conversation_registers BEGIN
    DELETE FROM conversation_words WHERE rowid = old.number;
END;

-- Conversations that a hot tier may hold an old copy of, for a while.
CREATE TABLE conversation_forgettable (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id TEXT NOT NULL,
    at              INTEGER NOT NULL
) STRICT;
CREATE INDEX conversation_forgettable_by_time ON conversation_forgettable (at);

-- Incarnations of the hot tier in the order in which they were first seen.
CREATE TABLE hot_incarnations (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    name   TEXT NOT NULL UNIQUE
) STRICT;
