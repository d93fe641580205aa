-- Totals of a million desktops, their lists by end, and searches for one or two characters.

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
) WITHOUT ROWID;
INSERT INTO desktop_counts
    SELECT COALESCE(account, ''), region, COALESCE(type_item, ''), released, months IS NOT NULL,
        COALESCE(valid_until / 86400000, -1), COUNT(*)
    FROM orders WHERE action = 'CreateDesktop' AND state = 'placed' GROUP BY 1, 2, 3, 4, 5, 6;

CREATE TRIGGER desktops_counted AFTER INSERT ON orders WHEN NEW.action = 'CreateDesktop' AND NEW.state = 'placed' BEGIN
    INSERT INTO desktop_counts VALUES (COALESCE(NEW.account, ''), NEW.region, COALESCE(NEW.type_item, ''), NEW.released,
            NEW.months IS NOT NULL, COALESCE(NEW.valid_until / 86400000, -1), 1)
        ON CONFLICT DO UPDATE SET number = number + 1;
END;
-- The other triggers change a row while this one runs for it. Each change is counted by itself, so their order does not matter.
CREATE TRIGGER desktops_recounted AFTER UPDATE OF state, released, valid_until ON orders
    WHEN NEW.action = 'CreateDesktop' AND (OLD.state = 'placed' OR NEW.state = 'placed') BEGIN
    INSERT INTO desktop_counts SELECT COALESCE(OLD.account, ''), OLD.region, COALESCE(OLD.type_item, ''), OLD.released,
            OLD.months IS NOT NULL, COALESCE(OLD.valid_until / 86400000, -1), -1 WHERE OLD.state = 'placed'
        ON CONFLICT DO UPDATE SET number = number - 1;
    INSERT INTO desktop_counts SELECT COALESCE(NEW.account, ''), NEW.region, COALESCE(NEW.type_item, ''), NEW.released,
            NEW.months IS NOT NULL, COALESCE(NEW.valid_until / 86400000, -1), 1 WHERE NEW.state = 'placed'
        ON CONFLICT DO UPDATE SET number = number + 1;
END;

-- Those that end soon, of a region, by this index alone.
DROP INDEX orders_ends;
CREATE INDEX orders_ends ON orders (released, valid_until, seq, region)
    WHERE action = 'CreateDesktop' AND state = 'placed';

-- Two more line ends are indexed after what a search looks into. So one or two of its characters always begin a part of
-- three, and those parts are found in the list of all.
DROP TRIGGER orders_search_added;
DROP TRIGGER orders_search_changed;
DROP TABLE orders_search;
CREATE VIRTUAL TABLE orders_search USING fts5 (search, content = '', tokenize = 'trigram', detail = none, columnsize = 0);
INSERT INTO orders_search (rowid, search) SELECT seq, search || char(10, 10) FROM orders ORDER BY seq;
CREATE VIRTUAL TABLE orders_search_parts USING fts5vocab (orders_search, instance);
CREATE TRIGGER orders_search_added AFTER INSERT ON orders BEGIN
    INSERT INTO orders_search (rowid, search) VALUES (NEW.seq, NEW.search || char(10, 10));
END;
CREATE TRIGGER orders_search_changed AFTER UPDATE OF search ON orders WHEN OLD.search <> NEW.search BEGIN
    INSERT INTO orders_search (orders_search, rowid, search) VALUES ('delete', OLD.seq, OLD.search || char(10, 10));
    INSERT INTO orders_search (rowid, search) VALUES (NEW.seq, NEW.search || char(10, 10));
END;

-- SQLite chooses among indexes by numbers, and has none of its own before somebody runs ANALYZE. These are of a journal of a
-- million orders: rows, and how many of them have the same user, account and so on.
ANALYZE journal_head;
DELETE FROM sqlite_stat1 WHERE tbl = 'orders';
DELETE FROM sqlite_stat4 WHERE tbl = 'orders';
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('orders', 'orders_seq', '1000000 1'),
    ('orders', 'orders_user', '1000000 500 1'),
    ('orders', 'orders_account', '1000000 5000 1'),
    ('orders', 'orders_types', '1000000 100000 90000 1 1'),
    ('orders', 'orders_region', '1000000 100000 1'),
    ('orders', 'orders_action', '1000000 500000 1'),
    ('orders', 'orders_state', '1000000 500000 1'),
    ('orders', 'orders_desktops', '1000000 500000 1'),
    ('orders', 'orders_ends', '1000000 500000 10 1 1'),
    ('orders', 'orders_created', '1000000 10 1');
ANALYZE sqlite_schema;
