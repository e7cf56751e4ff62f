// The app of the scripts in this folder. Prints every delivery and call as one line of JSON.
import { createServer } from 'node:http';

const port = Number(process.env.APP_PORT ?? 6001);
const subscriptions = [
  {
    pubsubname: 'pubsub',
    topic: 'orders',
    routes: { rules: [{ match: 'event.type == "order.placed"', path: '/placed' }], default: '/orders' },
  },
  { pubsubname: 'pubsub', topic: 'bytes', route: '/bytes', metadata: { rawPayload: 'true' } },
  { pubsubname: 'pubsub', topic: 'broken', route: '/broken', deadLetterTopic: 'dead' },
  { pubsubname: 'pubsub', topic: 'dead', route: '/dead' },
];

function answer(request, body) {
  if (request.url === '/dapr/subscribe') return [200, subscriptions];
  if (request.url === '/dapr/config') return [200, {}];
  console.log(JSON.stringify({ path: request.url, method: request.method, type: request.headers['content-type'], body: parsed(body) }));
  // Refused: the sidecar moves the message to the dead letter topic.
  if (request.url === '/broken') return [500, { error: 'this handler always fails' }];
  if (request.url.startsWith('/add')) return [200, { sum: JSON.parse(body).reduce((sum, number) => sum + number, 0) }];
  return [200, {}];
}

function parsed(body) {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', piece => (body += piece));
  request.on('end', () => {
    const [status, content] = answer(request, body);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(content));
  });
}).listen(port, '127.0.0.1', () => console.log(JSON.stringify({ listening: port })));
