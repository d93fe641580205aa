curl '{origin}/api/orders' \
  --header 'Content-Type: application/json' \{token}
  --data @- <<'ORDERS'
{ "operations": [
{orders}
] }
ORDERS
