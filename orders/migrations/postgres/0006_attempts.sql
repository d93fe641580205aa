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

-- The number of orders in each state, so that the metrics need not count them. Nobody adds orders while they are counted.
LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE;
CREATE TABLE order_counts (
    state  TEXT   NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL
);
SET LOCAL statement_timeout = 0;
INSERT INTO order_counts (state, number) SELECT state, COUNT(*) FROM orders GROUP BY state;

CREATE FUNCTION count_orders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        UPDATE order_counts SET number = number - 1 WHERE state = OLD.state;
    END IF;
    INSERT INTO order_counts (state, number) VALUES (NEW.state, 1)
        ON CONFLICT (state) DO UPDATE SET number = order_counts.number + 1;
    RETURN NULL;
END
$$;
CREATE TRIGGER orders_counted AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION count_orders();
CREATE TRIGGER orders_recounted AFTER UPDATE OF state ON orders FOR EACH ROW
    WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION count_orders();

-- Which database this is. Another one than last time may be behind the facts: a backup, or a replica that was promoted.
CREATE TABLE journal_origin (
    one    BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    origin TEXT   NOT NULL
);
