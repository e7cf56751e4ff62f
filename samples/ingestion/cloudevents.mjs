// Sends CloudEvents to the front door with the SDK of CloudEvents, in each of the three modes of HTTP.
import { CloudEvent, HTTP } from 'cloudevents';

const door = `http://${process.env.INGESTION ?? '127.0.0.1:5101'}/v1/streams/flights.departures/events`;
const departure = (delay) => new CloudEvent({
  source: '/samples/node',
  type: 'departed',
  subject: 'Köln/Bonn',
  data: { date: new Date(Date.UTC(2001, 1, 1)).toISOString(), delay, distance: 431, origin: 'ORD', destination: 'MSP' },
});

async function send(mode, { headers, body }) {
  const response = await fetch(door, { method: 'POST', headers, body });
  console.log(`${mode}: ${response.status} ${await response.text()}`);
}

await send('structured', HTTP.structured(departure(1)));
await send('binary', HTTP.binary(departure(2)));
await send('batch', {
  headers: { 'content-type': 'application/cloudevents-batch+json' },
  body: JSON.stringify([departure(3), departure(4)]),
});
