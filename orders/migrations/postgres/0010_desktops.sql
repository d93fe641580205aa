-- Until when the months of a desktop last: beside its purchase, so that lists can be filtered by it. Derived, so that it is
-- there for rows of earlier versions too, and for those that one which still runs beside this one adds. The table is written
-- anew for it, which may take longer than a statement usually may.
SET LOCAL statement_timeout = 0;
LOCK TABLE orders IN ACCESS EXCLUSIVE MODE;
ALTER TABLE orders ADD COLUMN valid_until BIGINT;
ALTER TABLE orders ADD COLUMN type_item TEXT GENERATED ALWAYS AS (CAST(request AS json) ->> 'TypeItemId') STORED,
    ADD COLUMN months BIGINT GENERATED ALWAYS AS (CAST(CAST(request AS json) ->> 'Period' AS BIGINT)) STORED;

-- Months by the calendar of the cloud (UTC+8, no summer time); a month that is too short ends on its last day. As
-- shared::calendar::add_months does.
CREATE FUNCTION add_months(moment BIGINT, months NUMERIC) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
    SELECT CAST(extract(epoch FROM to_timestamp(moment / 1000) AT TIME ZONE 'UTC' + interval '8 hours'
        + make_interval(months => CAST(months AS INTEGER)) - interval '8 hours') AS BIGINT) * 1000 + moment % 1000
$$;

-- When each subscription began: when it was first sent, since an order that is settled days later was not bought only then.
-- Attempts that are known to have done nothing do not count.
CREATE VIEW subscriptions AS
SELECT token, desktop_id, region, months,
    COALESCE((SELECT MIN(sent_at) FROM attempts WHERE attempts.token = orders.token
        AND (outcome IS NULL OR outcome NOT IN ('refused', 'not_sent'))), created_at) AS began
FROM orders
WHERE action = 'CreateDesktop' AND state = 'placed' AND months IS NOT NULL;

-- The months of the purchase and of all renewals are counted at once, from the purchase. The end is not known where a renewal
-- was ordered after the end until then, nor is there one of a desktop that was released.
CREATE VIEW desktop_ends AS
SELECT bought.token,
    add_months(began, months + (
        SELECT COALESCE(SUM(renewal.months), 0) FROM orders AS renewal
        WHERE renewal.target = bought.desktop_id AND renewal.region = bought.region
            AND renewal.action = 'RenewDesktop' AND renewal.state = 'placed'
    )) AS valid_until
FROM subscriptions AS bought
WHERE NOT EXISTS (
        SELECT 1 FROM orders AS late
        WHERE late.target = bought.desktop_id AND late.region = bought.region
            AND late.action = 'RenewDesktop' AND late.state = 'placed'
            AND late.created_at > add_months(bought.began, bought.months + (
                SELECT COALESCE(SUM(earlier.months), 0) FROM orders AS earlier
                WHERE earlier.target = bought.desktop_id AND earlier.region = bought.region AND earlier.seq < late.seq
                    AND earlier.action = 'RenewDesktop' AND earlier.state = 'placed'
            ))
    ) AND NOT EXISTS (
        SELECT 1 FROM orders AS release
        WHERE release.target = bought.desktop_id AND release.region = bought.region
            AND release.action = 'DeleteDesktop' AND release.state = 'placed'
    );

UPDATE orders SET valid_until = (SELECT desktop_ends.valid_until FROM desktop_ends WHERE desktop_ends.token = orders.token)
    WHERE action = 'CreateDesktop' AND state = 'placed';

CREATE FUNCTION note_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE orders
        SET valid_until = (SELECT desktop_ends.valid_until FROM desktop_ends WHERE desktop_ends.token = orders.token)
        WHERE action = 'CreateDesktop' AND state = 'placed'
            AND (token = NEW.token OR (desktop_id = NEW.target AND region = NEW.region));
    RETURN NULL;
END
$$;
CREATE TRIGGER orders_end_changed AFTER UPDATE OF state, desktop_id ON orders FOR EACH ROW
    WHEN (NEW.state = 'placed' AND (OLD.state <> 'placed' OR NEW.desktop_id IS DISTINCT FROM OLD.desktop_id))
    EXECUTE FUNCTION note_end();

CREATE INDEX orders_ends ON orders (released, valid_until, months, seq) WHERE action = 'CreateDesktop' AND state = 'placed';
