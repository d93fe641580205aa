-- Lists of many orders, several proxies beside each other, and the writes that have no token.

-- The number of the last line of the history. Whoever writes one takes the next number in the same transaction, so that
-- lines become visible in the order of their numbers, and who has read up to one has missed nothing before it.
CREATE TABLE journal_head (
    one  BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    last BIGINT NOT NULL
);
INSERT INTO journal_head (one, last) SELECT 1, COALESCE(MAX(id), 0) FROM history;

ALTER TABLE history ADD COLUMN note TEXT; -- what a person wrote

ALTER TABLE orders ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;         -- its first line in the history: the order of lists
ALTER TABLE orders ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;        -- who comes first when many wait, see orders/limiter
ALTER TABLE orders ADD COLUMN user_name TEXT;                        -- from the request, to filter by
ALTER TABLE orders ADD COLUMN target TEXT;                           -- the desktop that is renewed or released
ALTER TABLE orders ADD COLUMN search TEXT NOT NULL DEFAULT '';       -- what a search looks into, in lower case
ALTER TABLE orders ADD COLUMN owner TEXT NOT NULL DEFAULT '';        -- the proxy that drives it
ALTER TABLE orders ADD COLUMN lease_until BIGINT NOT NULL DEFAULT 0; -- and until when no other may, by the database's clock

UPDATE orders SET
    seq = (SELECT MIN(id) FROM history WHERE history.token = orders.token),
    turn = created_at,
    user_name = request ->> 'UserName',
    target = request ->> 'DesktopId',
    search = lower(token || char(10) || COALESCE(request ->> 'UserName', '') || char(10)
        || COALESCE(request ->> 'TypeItemId', '') || char(10) || COALESCE(desktop_id, '') || char(10)
        || COALESCE(order_id, ''));

DROP INDEX orders_newest;
DROP INDEX orders_unsettled;
CREATE UNIQUE INDEX orders_seq ON orders (seq);
CREATE INDEX orders_state ON orders (state, seq);
CREATE INDEX orders_user ON orders (user_name, seq);
CREATE INDEX orders_target ON orders (target) WHERE target IS NOT NULL;
-- What proxies look for again and again: few among many.
CREATE INDEX orders_unsettled ON orders (lease_until) WHERE state IN ('accepted', 'sending');

-- CreateUser and ModifyUser, which have no token upstream.
CREATE TABLE user_writes (
    id                  TEXT   NOT NULL PRIMARY KEY,
    action              TEXT   NOT NULL,
    region              TEXT   NOT NULL,
    request             TEXT   NOT NULL,            -- the action's parameters, as JSON
    buyer               TEXT,                       -- who asked
    state               TEXT   NOT NULL,            -- sending, done, rejected, unknown
    code                TEXT,                       -- shared::Code, where something went wrong
    upstream_request_id TEXT,
    owner               TEXT   NOT NULL,
    lease_until         BIGINT NOT NULL,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL
);
CREATE INDEX user_writes_unsettled ON user_writes (lease_until) WHERE state = 'sending';
CREATE INDEX user_writes_unknown ON user_writes (created_at) WHERE state = 'unknown';
