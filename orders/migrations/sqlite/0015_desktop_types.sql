-- Desktops of a type, in the order of lists; and which types and accounts there are, for the page to offer.
CREATE INDEX orders_types ON orders (type_item, released, seq, account) WHERE action = 'CreateDesktop' AND state = 'placed';
