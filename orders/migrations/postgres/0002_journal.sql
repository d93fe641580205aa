-- The journal as it is in SQLite after its second migration, hence the number. Times are milliseconds since 1970 UTC.

-- The number of the last line of the history. Whoever writes one takes the next number in the same transaction, so that
-- lines become visible in the order of their numbers, and who has read up to one has missed nothing before it.
CREATE TABLE journal_head (
    one  BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    last BIGINT NOT NULL
);
INSERT INTO journal_head (one, last) VALUES (1, 0);

-- Orders as they were accepted and where they stand.
CREATE TABLE orders (
    token               TEXT    NOT NULL PRIMARY KEY, -- the ClientToken, which the upstream sees too where it takes one
    action              TEXT    NOT NULL,
    region              TEXT    NOT NULL,
    request             TEXT    NOT NULL,             -- the action's parameters, as JSON
    buyer               TEXT,                         -- who asked
    state               TEXT    NOT NULL,             -- shared::order::OrderState
    in_doubt            BOOLEAN NOT NULL,             -- an attempt may have been carried out, and its answer is not known
    attempts            BIGINT  NOT NULL,             -- how often it was sent
    order_id            TEXT,
    desktop_id          TEXT,
    upstream_request_id TEXT,                         -- of the last answer
    problem             TEXT,                         -- shared::Problem as JSON: why rejected, or what stands in the way
    created_at          BIGINT  NOT NULL,
    updated_at          BIGINT  NOT NULL,
    seq                 BIGINT  NOT NULL,             -- its first line in the history: the order of lists
    turn                BIGINT  NOT NULL,             -- who comes first when many wait, see orders/limiter
    user_name           TEXT,                         -- from the request, to filter by
    target              TEXT,                         -- the desktop that is renewed or released
    search              TEXT    NOT NULL,             -- what a search looks into, in lower case
    owner               TEXT    NOT NULL,             -- the proxy that drives it
    lease_until         BIGINT  NOT NULL              -- and until when no other may, by the database's clock
);

CREATE UNIQUE INDEX orders_seq ON orders (seq);
CREATE INDEX orders_state ON orders (state, seq);
CREATE INDEX orders_user ON orders (user_name, seq);
CREATE INDEX orders_target ON orders (target) WHERE target IS NOT NULL;
-- What proxies look for again and again: few among many.
CREATE INDEX orders_unsettled ON orders (lease_until) WHERE state IN ('accepted', 'sending');

-- Everything that happened to an order, in the order in which it was written.
CREATE TABLE history (
    id                  BIGINT  NOT NULL PRIMARY KEY,
    token               TEXT    NOT NULL REFERENCES orders (token),
    at                  BIGINT  NOT NULL,
    event               TEXT    NOT NULL,             -- shared::order::HistoryEvent
    state               TEXT    NOT NULL,             -- the state after it
    attempt             BIGINT  NOT NULL,             -- how often it had been sent by then
    code                TEXT,                         -- shared::Code, where something went wrong
    upstream_request_id TEXT,
    note                TEXT                          -- what a person wrote
);
CREATE INDEX history_of_order ON history (token, id);

-- CreateUser and ModifyUser, which have no token upstream.
CREATE TABLE user_writes (
    id                  TEXT   NOT NULL PRIMARY KEY,
    action              TEXT   NOT NULL,
    region              TEXT   NOT NULL,
    request             TEXT   NOT NULL,              -- the action's parameters, as JSON
    buyer               TEXT,                         -- who asked
    state               TEXT   NOT NULL,              -- sending, done, rejected, unknown
    code                TEXT,                         -- shared::Code, where something went wrong
    upstream_request_id TEXT,
    owner               TEXT   NOT NULL,
    lease_until         BIGINT NOT NULL,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL
);
CREATE INDEX user_writes_unsettled ON user_writes (lease_until) WHERE state = 'sending';
CREATE INDEX user_writes_unknown ON user_writes (created_at) WHERE state = 'unknown';
