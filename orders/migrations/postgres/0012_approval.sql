-- An index of a large journal may take longer than a statement usually may.
SET LOCAL statement_timeout = 0;
-- Orders that await approval (state 'awaiting_approval'): no proxy drives them before an approver has approved them.
ALTER TABLE orders ADD COLUMN approve_until BIGINT; -- until when an approver can decide
ALTER TABLE orders ADD COLUMN approved_at BIGINT;   -- when one has approved it: its deadline counts from then
ALTER TABLE history ADD COLUMN decided_by TEXT;     -- who approved or declined
-- What approvers look at, and what expires: few among many.
CREATE INDEX orders_awaiting ON orders (approve_until) WHERE state = 'awaiting_approval';

-- As before, but a renewal that awaited approval was ordered only when it was approved.
CREATE OR REPLACE VIEW desktop_ends AS
SELECT bought.token,
    add_months(began, months + (
        SELECT COALESCE(SUM(renewal.months), 0) FROM orders AS renewal
        WHERE renewal.target = bought.desktop_id AND renewal.region = bought.region
            AND renewal.action = 'RenewDesktop' AND renewal.state = 'placed'
    )) AS valid_until
FROM subscriptions AS bought
WHERE NOT EXISTS (
        SELECT 1 FROM orders AS late
        WHERE late.target = bought.desktop_id AND late.region = bought.region
            AND late.action = 'RenewDesktop' AND late.state = 'placed'
            AND COALESCE(late.approved_at, late.created_at) > add_months(bought.began, bought.months + (
                SELECT COALESCE(SUM(earlier.months), 0) FROM orders AS earlier
                WHERE earlier.target = bought.desktop_id AND earlier.region = bought.region 
                    AND (COALESCE(earlier.approved_at, earlier.created_at), earlier.seq) < (COALESCE(late.approved_at, late.created_at), late.seq)
                    AND earlier.action = 'RenewDesktop' AND earlier.state = 'placed'
            ))
    ) AND NOT EXISTS (
        SELECT 1 FROM orders AS release
        WHERE release.target = bought.desktop_id AND release.region = bought.region
            AND release.action = 'DeleteDesktop' AND release.state = 'placed'
    );
