-- The risk position of each account in each symbol, from all its trades.
select
  account,
  symbol,
  count(*) as trades,
  cast(sum(case when side = 'BUY' then quantity else -quantity end) as bigint) as net_quantity,
  cast(sum(quantity) as bigint) as gross_quantity,
  max(executed_at) as last_trade_at
from silver.trades
group by account, symbol
