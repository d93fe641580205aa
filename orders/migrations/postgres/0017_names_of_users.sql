-- Names of users without regard to case, as the directory compares them.
SET LOCAL statement_timeout = 0;
DROP INDEX user_writes_user;
CREATE INDEX user_writes_folded ON user_writes (lower(user_name));
CREATE INDEX orders_folded_user ON orders (lower(user_name)) WHERE action = 'CreateDesktop' AND state = 'placed';
