-- How many desktops somebody bought lately is asked at each purchase, where people sign in.
CREATE INDEX orders_buyer ON orders (buyer, created_at) WHERE buyer IS NOT NULL;
