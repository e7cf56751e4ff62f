-- Trades without the duplicates that the venue sends: the first arrival of each trade counts.
select trade_id, symbol, price, quantity, side, account, executed_at, cast(executed_at as date) as trade_date
from (
  select t.*, row_number() over (partition by trade_id order by _partition, _offset) as arrival
  from bronze.trades t
) numbered
where arrival = 1
