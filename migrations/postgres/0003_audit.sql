-- Who did what, when. Entries refer to nothing: they outlive accounts and sessions.

CREATE TABLE audit (
    at             bigint NOT NULL,
    id             uuid NOT NULL,
    actor          uuid,
    actor_name     text,
    action         text COLLATE "C" NOT NULL,
    subject        text,
    client_address text,
    outcome        text NOT NULL,
    details        text NOT NULL,
    PRIMARY KEY (at, id)
);
CREATE INDEX audit_by_actor ON audit (actor, at, id) WHERE actor IS NOT NULL;
CREATE INDEX audit_by_action ON audit (action, at, id);
