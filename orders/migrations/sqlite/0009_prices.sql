-- What an order cost by the operator's prices when it was accepted, in ten-thousandths of the currency's unit: an hour of pay
-- as you go, or the whole period. Nothing for rows of earlier versions, and where there was no price.
ALTER TABLE orders ADD COLUMN price BIGINT;
ALTER TABLE orders ADD COLUMN currency TEXT;
