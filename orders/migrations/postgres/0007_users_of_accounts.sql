-- Where accounts come by claim, a user belongs to the account that created it or has a desktop for it.
ALTER TABLE user_writes ADD COLUMN account TEXT;
ALTER TABLE user_writes ADD COLUMN user_name TEXT;
CREATE INDEX user_writes_account ON user_writes (account, user_name) WHERE action = 'CreateUser';
