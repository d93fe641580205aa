-- Orders as they were accepted and where they stand. Times are milliseconds since 1970 UTC.
CREATE TABLE orders (
    token               TEXT    NOT NULL PRIMARY KEY, -- the ClientToken, which the upstream sees too where it takes one
    action              TEXT    NOT NULL,
    region              TEXT    NOT NULL,
    request             TEXT    NOT NULL,             -- the action's parameters, as JSON
    buyer               TEXT,                         -- who asked; nobody signs in yet
    state               TEXT    NOT NULL,             -- shared::order::OrderState
    in_doubt            BOOLEAN NOT NULL,             -- an attempt may have been carried out, and its answer is not known
    attempts            BIGINT  NOT NULL,             -- how often it was sent
    order_id            TEXT,
    desktop_id          TEXT,
    upstream_request_id TEXT,                         -- of the last answer
    problem             TEXT,                         -- shared::Problem as JSON: why rejected, or what stands in the way
    created_at          BIGINT  NOT NULL,
    updated_at          BIGINT  NOT NULL
);

CREATE INDEX orders_newest ON orders (created_at DESC, token);
-- What a start takes up again: few among many.
CREATE INDEX orders_unsettled ON orders (created_at) WHERE state IN ('accepted', 'sending');

-- Everything that happened to an order, in the order in which it was written.
CREATE TABLE history (
    id                  INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    token               TEXT    NOT NULL REFERENCES orders (token),
    at                  BIGINT  NOT NULL,
    event               TEXT    NOT NULL,             -- accepted, sent, answered, confirmed, refused, gave_up
    state               TEXT    NOT NULL,             -- the state after it
    attempt             BIGINT  NOT NULL,             -- how often it had been sent by then
    code                TEXT,                         -- shared::Code, where something went wrong
    upstream_request_id TEXT
);

CREATE INDEX history_of_order ON history (token, id);
