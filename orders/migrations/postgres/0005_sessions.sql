-- Limits of a person count by the provider and its subject, since names and addresses change.
ALTER TABLE orders ADD COLUMN buyer_id TEXT;
-- What a person's daily limit counts: a desktop bought, or each month of a renewal. Nothing for rows of earlier versions.
ALTER TABLE orders ADD COLUMN units BIGINT;
CREATE INDEX orders_buyer_id ON orders (buyer_id, created_at) WHERE buyer_id IS NOT NULL;
ALTER TABLE user_writes ADD COLUMN buyer_id TEXT;
CREATE INDEX user_writes_buyer_id ON user_writes (buyer_id, created_at) WHERE buyer_id IS NOT NULL;

-- Sessions of signed-in people that are over before their time. The sessions are in cookies, and not here.
CREATE TABLE ended_sessions (
    id         TEXT   NOT NULL PRIMARY KEY,
    session    TEXT,                        -- the one session that is over, or
    person     TEXT,                        -- the person whose sessions from before are over
    ended_at   BIGINT NOT NULL,             -- by the database's clock
    kept_until BIGINT NOT NULL
);
CREATE INDEX ended_sessions_at ON ended_sessions (ended_at);
