-- Cleaned departures: types cast, airports joined. One row for each event.
select
  d._id as flight_id,
  d.scheduled,
  cast(d.scheduled as date) as flight_date,
  cast(extract(hour from d.scheduled) as int) as departure_hour,
  cast(d.delay as int) as delay_minutes,
  d.delay > 15 as delayed,
  cast(d.distance as int) as distance_miles,
  d.origin,
  o.city as origin_city,
  o.state as origin_state,
  d.destination,
  a.city as destination_city,
  a.state as destination_state
from bronze.departures d
left join airports o on o.iata = d.origin
left join airports a on a.iata = d.destination
