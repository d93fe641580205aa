-- A million orders: lists, filters and searches by an index each, and orders that wait in the journal for a proxy.
SET LOCAL statement_timeout = 0;

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

CREATE FUNCTION note_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE orders SET released = TRUE
        WHERE desktop_id = NEW.target AND region = NEW.region AND action = 'CreateDesktop';
    RETURN NULL;
END
$$;
CREATE TRIGGER orders_release_added AFTER INSERT ON orders FOR EACH ROW
    WHEN (NEW.action = 'DeleteDesktop' AND NEW.state = 'placed') EXECUTE FUNCTION note_release();
CREATE TRIGGER orders_released AFTER UPDATE OF state ON orders FOR EACH ROW
    WHEN (NEW.action = 'DeleteDesktop' AND NEW.state = 'placed') EXECUTE FUNCTION note_release();
-- A purchase whose desktop becomes known after its release, as an operator may find.
CREATE FUNCTION note_desktop() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE orders SET released = TRUE WHERE token = NEW.token AND EXISTS (SELECT 1 FROM orders AS release WHERE
        release.target = NEW.desktop_id AND release.region = NEW.region AND release.action = 'DeleteDesktop'
        AND release.state = 'placed');
    RETURN NULL;
END
$$;
CREATE TRIGGER orders_desktop_known AFTER UPDATE OF desktop_id ON orders FOR EACH ROW
    WHEN (NEW.action = 'CreateDesktop' AND NEW.desktop_id IS NOT NULL AND OLD.desktop_id IS NULL)
    EXECUTE FUNCTION note_desktop();

-- The three-letter parts of what a search looks into. The extension is one of PostgreSQL's own; where it is not installed
-- or this role may not add it, searches work too, and take longer the more orders there are.
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX orders_search ON orders USING gin (search gin_trgm_ops);
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported OR undefined_object THEN
    RAISE WARNING 'searches have no index: %', SQLERRM;
END
$$;
