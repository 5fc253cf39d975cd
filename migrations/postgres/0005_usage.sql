-- What each answer of a model took. Rows refer to nothing: they outlive accounts and conversations.

CREATE TABLE answer_usage (
    answer        uuid PRIMARY KEY,
    day           integer NOT NULL,
    user_id       uuid NOT NULL,
    model         text COLLATE "C" NOT NULL,
    input_tokens  bigint NOT NULL,
    output_tokens bigint NOT NULL
);
CREATE INDEX answer_usage_by_day ON answer_usage (day, user_id, model);
CREATE INDEX answer_usage_by_user ON answer_usage (user_id, day, model);
