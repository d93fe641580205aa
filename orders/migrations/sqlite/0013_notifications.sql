-- Notifications of what happens to orders: an outbox, written in the transaction of the event and delivered at least once.

-- Whom the proxies' settings name, with the events that each is told of, between blanks. Neither addresses nor secrets are
-- here. Times are the database's.
CREATE TABLE notification_targets (
    name          TEXT   NOT NULL PRIMARY KEY,
    events        TEXT   NOT NULL,
    seen_at       BIGINT NOT NULL,             -- when a proxy last had it in its settings
    failing_since BIGINT NOT NULL DEFAULT 0,   -- since when no attempt has succeeded; 0 after one that did
    owner         TEXT   NOT NULL DEFAULT '',  -- the proxy that delivers to it
    lease_until   BIGINT NOT NULL DEFAULT 0    -- and until when no other does
);

-- One row for each event and target. What is delivered is deleted.
CREATE TABLE notifications (
    seq      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, -- of one order: the order of its events
    id       TEXT    NOT NULL UNIQUE,          -- the same however often it is delivered
    target   TEXT    NOT NULL,
    event    TEXT    NOT NULL,                 -- the order's new state; expiring; limit_reached
    token    TEXT,                             -- the order
    at       BIGINT  NOT NULL,
    since    BIGINT  NOT NULL,                 -- when it began to wait
    details  TEXT,                             -- JSON: of an order, its problem
    state    TEXT    NOT NULL DEFAULT 'waiting', -- waiting, dead
    attempts BIGINT  NOT NULL DEFAULT 0,
    due_at   BIGINT  NOT NULL DEFAULT 0,       -- not before then, by the database's clock
    fault    TEXT                              -- of the last attempt
);
CREATE INDEX notifications_waiting ON notifications (target, attempts, seq) WHERE state = 'waiting';
CREATE INDEX notifications_of_order ON notifications (target, token, seq) WHERE state = 'waiting';
CREATE INDEX notifications_age ON notifications (state, since);

-- A state that an order reaches is an event, by whichever way it is written down. Those that nobody is told of cost nothing.
CREATE TRIGGER orders_told AFTER UPDATE OF state ON orders
    WHEN NEW.state <> OLD.state AND NEW.state NOT IN ('accepted', 'sending') BEGIN
    INSERT INTO notifications (id, target, event, token, at, since, details)
        SELECT lower(hex(randomblob(16))), name, NEW.state, NEW.token, NEW.updated_at, NEW.updated_at, NEW.problem
        FROM notification_targets WHERE events LIKE '% ' || NEW.state || ' %';
END;
CREATE TRIGGER orders_told_at_once AFTER INSERT ON orders WHEN NEW.state NOT IN ('accepted', 'sending') BEGIN
    INSERT INTO notifications (id, target, event, token, at, since, details)
        SELECT lower(hex(randomblob(16))), name, NEW.state, NEW.token, NEW.updated_at, NEW.updated_at, NEW.problem
        FROM notification_targets WHERE events LIKE '% ' || NEW.state || ' %';
END;

-- What is told once: a desktop that expires, at each threshold; a limit that is reached, each day.
CREATE TABLE told_once (
    key        TEXT   NOT NULL PRIMARY KEY,
    kept_until BIGINT NOT NULL
);
CREATE INDEX told_once_kept ON told_once (kept_until);
