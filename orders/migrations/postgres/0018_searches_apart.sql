-- What searches look into, apart from orders: an order is changed several times, and each change would put all parts of its
-- text into the indexes of searches again.
SET LOCAL statement_timeout = 0;
-- Nobody adds orders while their texts are copied.
LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE;

CREATE TABLE searches (seq BIGINT PRIMARY KEY, search TEXT NOT NULL);
INSERT INTO searches SELECT seq, search FROM orders;

DROP INDEX orders_search_pairs;
DROP INDEX IF EXISTS orders_search;
-- The same parts as before, some of them twice, in a third of the time: pairs from the first character on, and from the second.
CREATE OR REPLACE FUNCTION search_pairs(search TEXT) RETURNS TEXT[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT string_to_array(search, NULL)
        || string_to_array(regexp_replace(search, '(..)', E'\\1\x01', 'g'), E'\x01')
        || string_to_array(regexp_replace(substr(search, 2), '(..)', E'\\1\x01', 'g'), E'\x01')
$$;
-- The index's pending list, in kB. The insertion that fills it moves all of it into the index: a long list delays one order by much,
-- and a short one each order by a little.
CREATE INDEX searches_pairs ON searches USING gin (search_pairs(search)) WITH (gin_pending_list_limit = 512);
-- As for orders before: without the extension searches work too, and take longer the more orders there are.
DO $$
BEGIN
    CREATE INDEX searches_parts ON searches USING gin (search gin_trgm_ops) WITH (gin_pending_list_limit = 512);
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported OR undefined_object THEN
    RAISE WARNING 'searches have no index: %', SQLERRM;
END
$$;

-- As the owner: a role that may only write orders must not fail to note what is searched for.
CREATE FUNCTION note_searches() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO searches SELECT seq, search FROM noted ON CONFLICT (seq) DO UPDATE SET search = EXCLUDED.search;
    RETURN NULL;
END
$$;
CREATE TRIGGER orders_search_added AFTER INSERT ON orders REFERENCING NEW TABLE AS noted
    FOR EACH STATEMENT EXECUTE FUNCTION note_searches();
CREATE FUNCTION note_search() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE searches SET search = NEW.search WHERE seq = NEW.seq;
    RETURN NULL;
END
$$;
CREATE TRIGGER orders_search_changed AFTER UPDATE OF search ON orders FOR EACH ROW WHEN (NEW.search <> OLD.search)
    EXECUTE FUNCTION note_search();
ANALYZE searches;

-- New orders are counted by a statement and not by a row, each of which changed the same count again.
DROP TRIGGER orders_counted ON orders;
CREATE FUNCTION count_new_orders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO order_counts (state, number) SELECT state, COUNT(*) FROM noted GROUP BY state
        ON CONFLICT (state) DO UPDATE SET number = order_counts.number + EXCLUDED.number;
    RETURN NULL;
END
$$;
CREATE TRIGGER orders_counted AFTER INSERT ON orders REFERENCING NEW TABLE AS noted
    FOR EACH STATEMENT EXECUTE FUNCTION count_new_orders();
