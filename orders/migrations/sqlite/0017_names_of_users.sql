-- Names of users without regard to case, as the directory compares them.
ALTER TABLE user_writes ADD COLUMN folded_name TEXT;
UPDATE user_writes SET folded_name = lower(user_name);
DROP INDEX user_writes_user;
CREATE INDEX user_writes_folded ON user_writes (folded_name);
CREATE INDEX orders_folded_user ON orders (lower(user_name)) WHERE action = 'CreateDesktop' AND state = 'placed';
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('orders', 'orders_folded_user', '1000000 500');
ANALYZE sqlite_schema;
