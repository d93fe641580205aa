-- The account that an order is for; none is the one that the key belongs to. Derived, so that it cannot differ from what
-- was sent, is there for rows of earlier versions too, and for those that one which still runs beside this one adds.
ALTER TABLE orders ADD COLUMN account TEXT GENERATED ALWAYS AS (request ->> 'OwnerId') VIRTUAL;
CREATE INDEX orders_account ON orders (account, seq);
-- Whether a desktop was bought for an account is asked before it is renewed or released.
CREATE INDEX orders_desktop ON orders (desktop_id) WHERE desktop_id IS NOT NULL;
