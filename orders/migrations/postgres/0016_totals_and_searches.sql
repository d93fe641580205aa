-- Totals of a million desktops, their lists by end, and searches for one or two characters.
SET LOCAL statement_timeout = 0;
-- Nobody changes orders while they are counted.
LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE;

-- The number of desktops by what their list is filtered by, and by the day (UTC) on which their months end. A missing account
-- and type are '', a missing end is day -1.
CREATE TABLE desktop_counts (
    account      TEXT    NOT NULL,
    region       TEXT    NOT NULL,
    type_item    TEXT    NOT NULL,
    released     BOOLEAN NOT NULL,
    subscription BOOLEAN NOT NULL,
    last_day     BIGINT  NOT NULL,
    number       BIGINT  NOT NULL,
    PRIMARY KEY (account, region, type_item, released, subscription, last_day)
);
INSERT INTO desktop_counts
    SELECT COALESCE(account, ''), region, COALESCE(type_item, ''), released, months IS NOT NULL,
        COALESCE(valid_until / 86400000, -1), COUNT(*)
    FROM orders WHERE action = 'CreateDesktop' AND state = 'placed' GROUP BY 1, 2, 3, 4, 5, 6;

-- As the owner: a role that may only write orders must not fail to note that one was placed.
CREATE FUNCTION count_desktop(counted orders, change BIGINT) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
    INSERT INTO desktop_counts VALUES (COALESCE(counted.account, ''), counted.region, COALESCE(counted.type_item, ''),
            counted.released, counted.months IS NOT NULL, COALESCE(counted.valid_until / 86400000, -1), change)
        ON CONFLICT (account, region, type_item, released, subscription, last_day)
        DO UPDATE SET number = desktop_counts.number + change
$$;
CREATE FUNCTION count_desktops() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'placed' THEN
        PERFORM count_desktop(OLD, -1);
    END IF;
    IF NEW.state = 'placed' THEN
        PERFORM count_desktop(NEW, 1);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER desktops_counted AFTER INSERT ON orders FOR EACH ROW
    WHEN (NEW.action = 'CreateDesktop' AND NEW.state = 'placed') EXECUTE FUNCTION count_desktops();
-- The other triggers change a row again. Each change is counted by itself, so their order does not matter.
CREATE TRIGGER desktops_recounted AFTER UPDATE OF state, released, valid_until ON orders FOR EACH ROW
    WHEN (NEW.action = 'CreateDesktop' AND (OLD.state = 'placed' OR NEW.state = 'placed'))
    EXECUTE FUNCTION count_desktops();

-- Those that end soon, of a region, by this index alone.
DROP INDEX orders_ends;
CREATE INDEX orders_ends ON orders (released, valid_until, seq, region)
    WHERE action = 'CreateDesktop' AND state = 'placed';

-- Each single character and pair of characters of what a search looks into, since the index of searches has parts of three.
CREATE FUNCTION search_pairs(search TEXT) RETURNS TEXT[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(DISTINCT substr(search, place, width)) FROM generate_series(1, char_length(search)) AS place,
        generate_series(1, 2) AS width
$$;
CREATE INDEX orders_search_pairs ON orders USING gin (search_pairs(search));
