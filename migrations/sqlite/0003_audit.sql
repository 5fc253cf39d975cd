-- Who did what, when. Entries refer to nothing: they outlive accounts and sessions.

CREATE TABLE audit (
    at             INTEGER NOT NULL,
    id             TEXT NOT NULL,
    actor          TEXT,
    actor_name     TEXT,
    action         TEXT NOT NULL,
    subject        TEXT,
    client_address TEXT,
    outcome        TEXT NOT NULL,
    details        TEXT NOT NULL,
    PRIMARY KEY (at, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_by_actor ON audit (actor, at, id) WHERE actor IS NOT NULL;
CREATE INDEX audit_by_action ON audit (action, at, id);
