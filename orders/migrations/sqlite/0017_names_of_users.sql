-- Names of users without regard to case, as the directory compares them.
DROP INDEX user_writes_user;
CREATE INDEX user_writes_folded ON user_writes (lower(user_name));
CREATE INDEX orders_folded_user ON orders (lower(user_name)) WHERE action = 'CreateDesktop' AND state = 'placed';
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('orders', 'orders_folded_user', '1000000 500');
ANALYZE sqlite_schema;
