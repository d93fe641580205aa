-- An index of a large journal may take longer than a statement usually may.
SET LOCAL statement_timeout = 0;
-- What limits of money count of an order, by the price book, in ten-thousandths of the currency's unit. Nothing for rows of
-- earlier versions, and where there is no price.
ALTER TABLE orders ADD COLUMN amount BIGINT;
-- Limits of all together count what costs something by its time; the index has all that they add up.
CREATE INDEX orders_spent ON orders (created_at, state, units, amount, action) WHERE units > 0;
-- Whether another account created a user of a name.
CREATE INDEX user_writes_user ON user_writes (user_name);

-- The key by which audit lines identify users without naming them.
CREATE TABLE audit_key (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    key TEXT   NOT NULL
);
