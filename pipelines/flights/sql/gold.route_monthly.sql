-- One row for each route and month.
select
  origin,
  destination,
  cast(date_trunc('month', flight_date) as date) as month,
  count(*) as flights,
  max(distance_miles) as distance_miles,
  cast(sum(delay_minutes) as bigint) as delay_minutes,
  cast(sum(delay_minutes) as double) / count(*) as avg_delay
from silver.departures
group by origin, destination, cast(date_trunc('month', flight_date) as date)
