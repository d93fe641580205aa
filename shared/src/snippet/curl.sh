curl '{origin}/api/orders' \
  --header 'Content-Type: application/json' \
  --data @- <<'ORDERS'
{ "operations": [
{orders}
] }
ORDERS
