-- Values of the operator's order fields, as JSON by their keys: as they are now, and as the order was requested with them, which
-- is part of what its token stands for. Nothing for orders without any.
ALTER TABLE orders ADD COLUMN fields TEXT;
ALTER TABLE orders ADD COLUMN fields_requested TEXT;
-- What a search finds of them, in lower case: the end of `search`.
ALTER TABLE orders ADD COLUMN fields_search TEXT NOT NULL DEFAULT '';
