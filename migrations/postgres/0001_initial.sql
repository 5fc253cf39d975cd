-- Times are milliseconds since 1970. A session's rows go with the session. Text that is compared or ordered has the collation "C": by
-- bytes, as in the other database. JSON that is only kept is text, for jsonb refuses \u0000.

CREATE TABLE users (
    id            uuid PRIMARY KEY,
    username      text NOT NULL,
    username_key  text COLLATE "C" NOT NULL CONSTRAINT users_username_key UNIQUE,
    role          text COLLATE "C" NOT NULL CHECK (role IN ('user', 'admin')),
    password_hash text COLLATE "C" NOT NULL,
    disabled_at   bigint,
    created_at    bigint NOT NULL
);

CREATE TABLE sessions (
    id             uuid PRIMARY KEY,
    user_id        uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at     bigint NOT NULL,
    last_seen_at   bigint NOT NULL,
    closed_at      bigint,
    conversion_job uuid
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_last_seen ON sessions (last_seen_at) WHERE closed_at IS NULL;
CREATE INDEX sessions_closed ON sessions (closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE refresh_tokens (
    hash       bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    expires_at bigint NOT NULL,
    spent_at   bigint
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

-- The key holds what somebody typed as a name, so any character, and is kept as its bytes.
CREATE TABLE login_failures (
    key             bytea PRIMARY KEY,
    failures        bigint NOT NULL,
    last_failure_at bigint NOT NULL,
    locked_until    bigint NOT NULL
);

CREATE TABLE uploads (
    id         uuid PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    name       text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT uploads_name UNIQUE (session_id, name)
);

-- One row makes one file visible; owner_id is the upload or the job it came from. A path through several archives may be longer than an
-- index takes: paths are unique by their SHA-256, and found in order by their beginning.
CREATE TABLE files (
    session_id   uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    area         text COLLATE "C" NOT NULL CHECK (area IN ('input', 'extracted', 'output')),
    path         text COLLATE "C" NOT NULL,
    path_sha256  bytea NOT NULL,
    key          text COLLATE "C" NOT NULL,
    owner_id     uuid NOT NULL,
    bytes        bigint NOT NULL,
    sha256       text,
    content_type text NOT NULL,
    modified_at  bigint NOT NULL,
    CONSTRAINT files_path PRIMARY KEY (session_id, area, path_sha256)
);
CREATE INDEX files_in_order ON files (session_id, area, left(path, 500));
CREATE INDEX files_by_owner ON files (session_id, owner_id);

CREATE TABLE documents (
    id               uuid PRIMARY KEY,
    session_id       uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    upload_id        uuid NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    path             text NOT NULL,
    group_name       text COLLATE "C" NOT NULL,
    bytes            bigint NOT NULL,
    key              text COLLATE "C" NOT NULL,
    root             text,
    record_path      text,
    records_estimate bigint,
    problem          text,
    shape            text
);
CREATE INDEX documents_by_session ON documents (session_id, id);
CREATE INDEX documents_by_upload ON documents (upload_id);

CREATE TABLE jobs (
    id               uuid PRIMARY KEY,
    session_id       uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    kind             text COLLATE "C" NOT NULL,
    state            text COLLATE "C" NOT NULL
                     CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    request          text NOT NULL,
    progress         text NOT NULL,
    result           text,
    error            text,
    attempt          bigint NOT NULL DEFAULT 0,
    lease_until      bigint NOT NULL DEFAULT 0,
    cancel_requested boolean NOT NULL DEFAULT false,
    created_at       bigint NOT NULL,
    started_at       bigint,
    finished_at      bigint
);
CREATE INDEX jobs_by_session ON jobs (session_id, id);
CREATE INDEX jobs_unfinished ON jobs (state, lease_until) WHERE state IN ('queued', 'running');

-- The durable tier of the session cache. Keys are bytes, so that a prefix is a range of them.
CREATE TABLE session_cache (
    key        bytea PRIMARY KEY,
    value      bytea NOT NULL,
    expires_at bigint NOT NULL
);
CREATE INDEX session_cache_by_expiry ON session_cache (expires_at);
