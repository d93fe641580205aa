-- A million orders: lists, filters and searches by an index each, and orders that wait in the journal for a proxy.

-- Orders that wait have no owner, and are taken in the order of their turns; those that a proxy drives have one.
DROP INDEX orders_unsettled;
CREATE INDEX orders_waiting ON orders (owner, turn) WHERE state IN ('accepted', 'sending');

CREATE INDEX orders_action ON orders (action, seq);
CREATE INDEX orders_region ON orders (region, seq);
CREATE INDEX orders_created ON orders (created_at, seq);

-- Of a purchase: whether a later order has released its desktop.
ALTER TABLE orders ADD COLUMN released BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE orders SET released = TRUE WHERE action = 'CreateDesktop' AND EXISTS (SELECT 1 FROM orders AS release WHERE
    release.target = orders.desktop_id AND release.region = orders.region AND release.action = 'DeleteDesktop'
    AND release.state = 'placed');
CREATE INDEX orders_desktops ON orders (released, seq) WHERE action = 'CreateDesktop' AND state = 'placed';

CREATE TRIGGER orders_release_added AFTER INSERT ON orders
    WHEN NEW.action = 'DeleteDesktop' AND NEW.state = 'placed' BEGIN
    UPDATE orders SET released = TRUE
        WHERE desktop_id = NEW.target AND region = NEW.region AND action = 'CreateDesktop';
END;
CREATE TRIGGER orders_released AFTER UPDATE OF state ON orders
    WHEN NEW.action = 'DeleteDesktop' AND NEW.state = 'placed' BEGIN
    UPDATE orders SET released = TRUE
        WHERE desktop_id = NEW.target AND region = NEW.region AND action = 'CreateDesktop';
END;
-- A purchase whose desktop becomes known after its release, as an operator may find.
CREATE TRIGGER orders_desktop_known AFTER UPDATE OF desktop_id ON orders
    WHEN NEW.action = 'CreateDesktop' AND NEW.desktop_id IS NOT NULL AND OLD.desktop_id IS NULL BEGIN
    UPDATE orders SET released = TRUE WHERE token = NEW.token AND EXISTS (SELECT 1 FROM orders AS release WHERE
        release.target = NEW.desktop_id AND release.region = NEW.region AND release.action = 'DeleteDesktop'
        AND release.state = 'placed');
END;

-- The three-letter parts of what a search looks into. What is found by them is compared with the text itself.
CREATE VIRTUAL TABLE orders_search USING fts5 (
    search, content = 'orders', content_rowid = 'seq', tokenize = 'trigram', detail = none, columnsize = 0
);
INSERT INTO orders_search (rowid, search) SELECT seq, search FROM orders ORDER BY seq;
CREATE TRIGGER orders_search_added AFTER INSERT ON orders BEGIN
    INSERT INTO orders_search (rowid, search) VALUES (NEW.seq, NEW.search);
END;
CREATE TRIGGER orders_search_changed AFTER UPDATE OF search ON orders WHEN OLD.search <> NEW.search BEGIN
    INSERT INTO orders_search (orders_search, rowid, search) VALUES ('delete', OLD.seq, OLD.search);
    INSERT INTO orders_search (rowid, search) VALUES (NEW.seq, NEW.search);
END;
