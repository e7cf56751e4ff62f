// An app with plain HTTP: takes orders, fails for some of them, and says what it was given. Retries are told by orders.yaml alone.
import { createServer } from 'node:http';

const failures = new Map();
const subscription = { pubsubname: 'pubsub', deadLetterTopic: 'orders.failed', route: '/orders' };

function handle(event) {
  const { id, fails = 0, drop = false } = event.data;
  const attempt = (failures.get(id) ?? 0) + 1;
  failures.set(id, attempt);
  console.log(JSON.stringify({ id, attempt, topic: event.topic, at: Date.now() }));
  if (drop) return { status: 'DROP' };
  return { status: attempt <= fails ? 'RETRY' : 'SUCCESS' };
}

createServer((request, response) => {
  let body = '';
  request.on('data', part => { body += part; });
  request.on('end', () => {
    const answer = request.url === '/dapr/subscribe' ? [{ ...subscription, topic: 'orders' }, { ...subscription, topic: 'orders.retry' }]
      : request.url === '/orders' ? handle(JSON.parse(body)) : null;
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? {}));
  });
}).listen(Number(process.env.APP_PORT ?? 6001), '127.0.0.1', () => console.log('ready'));
