-- Times are milliseconds since 1970; ids are UUIDs as text. A session's rows go with the session.

CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    username      TEXT NOT NULL,
    username_key  TEXT NOT NULL CONSTRAINT users_username_key UNIQUE,
    role          TEXT NOT NULL CHECK (role IN ('user', 'admin')),
    password_hash TEXT NOT NULL,
    disabled_at   INTEGER,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    id             TEXT PRIMARY KEY,
    user_id        TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at     INTEGER NOT NULL,
    last_seen_at   INTEGER NOT NULL,
    closed_at      INTEGER,
    conversion_job TEXT
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_last_seen ON sessions (last_seen_at) WHERE closed_at IS NULL;
CREATE INDEX sessions_closed ON sessions (closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE refresh_tokens (
    hash       BLOB PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL,
    spent_at   INTEGER
) STRICT;
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

CREATE TABLE login_failures (
    key             TEXT PRIMARY KEY,
    failures        INTEGER NOT NULL,
    last_failure_at INTEGER NOT NULL,
    locked_until    INTEGER NOT NULL
) STRICT;

CREATE TABLE uploads (
    id         TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT uploads_name UNIQUE (session_id, name)
) STRICT;

-- One row makes one file visible; owner_id is the upload or the job it came from.
CREATE TABLE files (
    session_id   TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    area         TEXT NOT NULL CHECK (area IN ('input', 'extracted', 'output')),
    path         TEXT NOT NULL,
    key          TEXT NOT NULL,
    owner_id     TEXT NOT NULL,
    bytes        INTEGER NOT NULL,
    sha256       TEXT,
    content_type TEXT NOT NULL,
    modified_at  INTEGER NOT NULL,
    PRIMARY KEY (session_id, area, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX files_by_owner ON files (session_id, owner_id);

CREATE TABLE documents (
    id               TEXT PRIMARY KEY,
    session_id       TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    upload_id        TEXT NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    path             TEXT NOT NULL,
    group_name       TEXT NOT NULL,
    bytes            INTEGER NOT NULL,
    key              TEXT NOT NULL,
    root             TEXT,
    record_path      TEXT,
    records_estimate INTEGER,
    problem          TEXT,
    shape            TEXT
) STRICT;
CREATE INDEX documents_by_session ON documents (session_id, id);
CREATE INDEX documents_by_upload ON documents (upload_id);

CREATE TABLE jobs (
    id               TEXT PRIMARY KEY,
    session_id       TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    kind             TEXT NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    request          TEXT NOT NULL,
    progress         TEXT NOT NULL,
    result           TEXT,
    error            TEXT,
    attempt          INTEGER NOT NULL DEFAULT 0,
    lease_until      INTEGER NOT NULL DEFAULT 0,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    created_at       INTEGER NOT NULL,
    started_at       INTEGER,
    finished_at      INTEGER
) STRICT;
CREATE INDEX jobs_by_session ON jobs (session_id, id);
CREATE INDEX jobs_unfinished ON jobs (state, lease_until) WHERE state IN ('queued', 'running');
