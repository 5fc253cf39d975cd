-- What each answer of a model took. Rows refer to nothing: they outlive accounts and conversations.

CREATE TABLE answer_usage (
    answer        TEXT PRIMARY KEY NOT NULL,
    day           INTEGER NOT NULL,
    user_id       TEXT NOT NULL,
    model         TEXT NOT NULL,
    input_tokens  INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX answer_usage_by_day ON answer_usage (day, user_id, model);
CREATE INDEX answer_usage_by_user ON answer_usage (user_id, day, model);
