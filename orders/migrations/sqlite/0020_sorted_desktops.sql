-- Desktops in the order of their purchases and of their users. For the order of their ends there is orders_ends.
CREATE INDEX orders_bought ON orders (released, updated_at, seq) WHERE action = 'CreateDesktop' AND state = 'placed';
CREATE INDEX orders_people ON orders (released, lower(user_name), seq) WHERE action = 'CreateDesktop' AND state = 'placed';
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('orders', 'orders_bought', '1000000 500000 2 1'),
    ('orders', 'orders_people', '1000000 500000 500 1');
ANALYZE sqlite_schema;
