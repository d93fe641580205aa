-- Every attempt at an order, for whoever has to find out what became of it.
CREATE TABLE attempts (
    token               TEXT   NOT NULL REFERENCES orders (token),
    attempt             BIGINT NOT NULL,            -- from 1
    sent_at             BIGINT NOT NULL,
    answered_at         BIGINT,
    outcome             TEXT,                       -- confirmed, refused, not_sent, unknown; none while it is under way
    code                TEXT,                       -- shared::Code, where something went wrong
    upstream_request_id TEXT,
    answer              TEXT,                       -- redacted
    PRIMARY KEY (token, attempt)
);

-- The number of orders in each state, so that the metrics need not count them.
CREATE TABLE order_counts (
    state  TEXT   NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL
);
INSERT INTO order_counts (state, number) SELECT state, COUNT(*) FROM orders GROUP BY state;

CREATE TRIGGER orders_counted AFTER INSERT ON orders BEGIN
    INSERT INTO order_counts (state, number) VALUES (NEW.state, 1)
        ON CONFLICT (state) DO UPDATE SET number = number + 1;
END;

CREATE TRIGGER orders_recounted AFTER UPDATE OF state ON orders WHEN OLD.state <> NEW.state BEGIN
    UPDATE order_counts SET number = number - 1 WHERE state = OLD.state;
    INSERT INTO order_counts (state, number) VALUES (NEW.state, 1)
        ON CONFLICT (state) DO UPDATE SET number = number + 1;
END;

-- Which database this is. Another one than last time may be behind the facts: a backup, or a replica that was promoted.
CREATE TABLE journal_origin (
    one    BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    origin TEXT   NOT NULL
);
