-- Limits of money count what was ordered in the currency of the price list alone, so their index has the currency too.
DROP INDEX orders_spent;
CREATE INDEX orders_spent ON orders (created_at, state, units, amount, action, currency) WHERE units > 0;
