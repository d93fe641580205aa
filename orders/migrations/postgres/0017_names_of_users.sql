-- Names of users without regard to case, as the directory compares them.
SET LOCAL statement_timeout = 0;
ALTER TABLE user_writes ADD COLUMN folded_name TEXT;
UPDATE user_writes SET folded_name = lower(user_name);
DROP INDEX user_writes_user;
CREATE INDEX user_writes_folded ON user_writes (folded_name);
CREATE INDEX orders_folded_user ON orders (lower(user_name)) WHERE action = 'CreateDesktop' AND state = 'placed';
