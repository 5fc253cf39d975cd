-- A conversation is a map from registers (`t` title, `l` model, `m:{id}` message, `f:{id}` feedback) to values: the greatest
-- revision stays, of equal ones the first. A deleted conversation keeps its row, so that nothing that comes late brings it back.

CREATE TABLE conversations (
    id         uuid PRIMARY KEY,
    owner_id   uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    deleted_at bigint
);
CREATE INDEX conversations_by_owner ON conversations (owner_id, updated_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX conversations_by_use ON conversations (updated_at) WHERE deleted_at IS NULL;

CREATE TABLE conversation_registers (
    conversation_id uuid NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    register        text COLLATE "C" NOT NULL,
    revision        bigint NOT NULL,
    at              bigint NOT NULL,
    value           text COLLATE "C" NOT NULL,
    -- The words of titles and messages, as the product finds them.
    words           tsvector,
    PRIMARY KEY (conversation_id, register)
);
CREATE INDEX conversation_registers_by_words ON conversation_registers USING gin (words);

-- Conversations that a hot tier may hold an old copy of, for a while.
CREATE TABLE conversation_forgettable (
    number          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id uuid NOT NULL,
    at              bigint NOT NULL
);
CREATE INDEX conversation_forgettable_by_time ON conversation_forgettable (at);

-- Incarnations of the hot tier in the order in which they were first seen.
CREATE TABLE hot_incarnations (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name   text COLLATE "C" NOT NULL UNIQUE
);
