-- Desktops in the order of their purchases and of their users. For the order of their ends there is orders_ends. Names are
-- compared as in SQLite, whatever the language of the database.
SET LOCAL statement_timeout = 0;
CREATE INDEX orders_bought ON orders (released, updated_at, seq) WHERE action = 'CreateDesktop' AND state = 'placed';
CREATE INDEX orders_people ON orders (released, lower(user_name COLLATE "C"), seq)
    WHERE action = 'CreateDesktop' AND state = 'placed';
