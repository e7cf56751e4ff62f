-- One row for each airport and day.
select
  origin as airport,
  max(origin_city) as city,
  max(origin_state) as state,
  flight_date as day,
  count(*) as flights,
  cast(sum(case when delayed then 1 else 0 end) as bigint) as delayed_flights,
  cast(sum(delay_minutes) as bigint) as delay_minutes,
  cast(sum(delay_minutes) as double) / count(*) as avg_delay,
  max(delay_minutes) as worst_delay,
  count(distinct destination) as destinations
from silver.departures
group by origin, flight_date
