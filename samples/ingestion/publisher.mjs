// Publishes flights.departures over a streamed call, with a named source, and prints what is acknowledged.
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const proto = process.env.PROTO ?? fileURLToPath(new URL('../../services/Ingestion/Protos/ingestion.proto', import.meta.url));
const definition = loader.loadSync(proto, { longs: Number, defaults: true, oneofs: true });
const { Ingestion } = grpc.loadPackageDefinition(definition).realtimemesh.ingestion.v1;
const client = new Ingestion(process.env.INGESTION ?? '127.0.0.1:5101', grpc.credentials.createInsecure());

const stream = process.env.STREAM ?? 'flights.departures';
const count = Number(process.env.COUNT ?? 1000);
const call = client.Publish();
const event = sequence => ({
  sequence,
  payload: Buffer.from(JSON.stringify({
    scheduled: `2026-01-01T${String(Math.floor(sequence / 60) % 24).padStart(2, '0')}:${String(sequence % 60).padStart(2, '0')}:00Z`,
    delay: sequence % 90, distance: 500 + sequence % 2000, origin: ['ORD', 'JFK', 'LAX'][sequence % 3], destination: 'SFO',
  })),
});

call.on('error', error => {
  console.error(`${grpc.status[error.code]}: ${error.details}`);
  process.exitCode = 1;
});
call.on('data', reply => {
  if (reply.opened) {
    // What is stored already is not sent again.
    const next = reply.opened.lastSequence + 1;
    console.log(`source goes on at ${next}`);
    for (let first = next; first < next + count; first += 100)
      call.write({ events: Array.from({ length: Math.min(100, next + count - first) }, (_, i) => event(first + i)) });
    call.end();
  } else {
    const done = reply.acknowledged;
    console.log(`acknowledged up to ${done.lastSequence}: ${done.accepted} accepted, ${done.rejected} rejected, ${done.skipped} known`);
  }
});
call.on('end', () => client.close());
call.write({ open: { stream, source: process.env.SOURCE ?? 'sample/1', contentType: 'application/json' } });
