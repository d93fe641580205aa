-- Until when the months of a desktop last: beside its purchase, so that lists can be filtered by it. Derived, so that it is
-- there for rows of earlier versions too.
ALTER TABLE orders ADD COLUMN valid_until BIGINT;
ALTER TABLE orders ADD COLUMN type_item TEXT GENERATED ALWAYS AS (request ->> 'TypeItemId') VIRTUAL;
ALTER TABLE orders ADD COLUMN months BIGINT GENERATED ALWAYS AS (CAST(request ->> 'Period' AS INTEGER)) VIRTUAL;

-- When each subscription began: when it was first sent, since an order that is settled days later was not bought only then.
-- Attempts that are known to have done nothing do not count.
CREATE VIEW subscriptions AS
SELECT token, desktop_id, region, months,
    COALESCE((SELECT MIN(sent_at) FROM attempts WHERE attempts.token = orders.token
        AND (outcome IS NULL OR outcome NOT IN ('refused', 'not_sent'))), created_at) AS began
FROM orders
WHERE action = 'CreateDesktop' AND state = 'placed' AND months IS NOT NULL;

-- The months of the purchase and of all renewals are counted at once, from the purchase, by the calendar of the cloud (UTC+8,
-- no summer time); a month that is too short ends on its last day. As shared::calendar::add_months does. The end is not known
-- where a renewal was ordered after the end until then, nor is there one of a desktop that was released.
-- A plus keeps the planner from the indexes of lists, by which it would read all renewals there are.
CREATE VIEW desktop_ends AS
SELECT bought.token,
    unixepoch(began / 1000, 'unixepoch', '+8 hours', '+' || (months + (
        SELECT COALESCE(SUM(renewal.months), 0) FROM orders AS renewal
        WHERE renewal.target = bought.desktop_id AND +renewal.region = bought.region
            AND +renewal.action = 'RenewDesktop' AND +renewal.state = 'placed'
    )) || ' months', 'floor', '-8 hours') * 1000 + began % 1000 AS valid_until
FROM subscriptions AS bought
WHERE NOT EXISTS (
        SELECT 1 FROM orders AS late
        WHERE late.target = bought.desktop_id AND +late.region = bought.region
            AND +late.action = 'RenewDesktop' AND +late.state = 'placed'
            AND late.created_at > unixepoch(began / 1000, 'unixepoch', '+8 hours', '+' || (bought.months + (
                SELECT COALESCE(SUM(earlier.months), 0) FROM orders AS earlier
                WHERE earlier.target = bought.desktop_id AND +earlier.region = bought.region AND +earlier.seq < late.seq
                    AND +earlier.action = 'RenewDesktop' AND +earlier.state = 'placed'
            )) || ' months', 'floor', '-8 hours') * 1000 + began % 1000
    ) AND NOT EXISTS (
        SELECT 1 FROM orders AS release
        WHERE release.target = bought.desktop_id AND +release.region = bought.region
            AND +release.action = 'DeleteDesktop' AND +release.state = 'placed'
    );

UPDATE orders SET valid_until = (SELECT valid_until FROM desktop_ends WHERE desktop_ends.token = orders.token)
    WHERE action = 'CreateDesktop' AND state = 'placed';

CREATE TRIGGER orders_end_changed AFTER UPDATE OF state, desktop_id ON orders
    WHEN NEW.state = 'placed' AND (OLD.state <> 'placed' OR NEW.desktop_id IS NOT OLD.desktop_id) BEGIN
    UPDATE orders SET valid_until = (SELECT valid_until FROM desktop_ends WHERE desktop_ends.token = orders.token)
        WHERE +action = 'CreateDesktop' AND +state = 'placed'
            AND (token = NEW.token OR (desktop_id = NEW.target AND +region = NEW.region));
END;

CREATE INDEX orders_ends ON orders (released, valid_until, months, seq) WHERE action = 'CreateDesktop' AND state = 'placed';
