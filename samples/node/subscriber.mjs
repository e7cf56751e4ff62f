// Adds up the amounts of orders in the state store; answers GET total.
import sdk from '@dapr/dapr';

const { DaprServer, HttpMethod, LogLevel } = sdk;
const server = new DaprServer({
  serverHost: '127.0.0.1',
  serverPort: process.env.APP_PORT ?? '6001',
  logger: { level: LogLevel.Error },
  clientOptions: { daprHost: '127.0.0.1', daprPort: process.env.DAPR_HTTP_PORT ?? '3500' },
});
const { state } = server.client;

await server.pubsub.subscribe('pubsub', 'node-orders', async order => {
  const total = Number(await state.get('statestore', 'total')) + order.amount;
  await state.save('statestore', [{ key: 'total', value: total }]);
  console.log(`order ${order.id}: ${order.amount}, total ${total}`);
});
await server.invoker.listen('total', async () => ({ total: Number(await state.get('statestore', 'total')) }), { method: HttpMethod.GET });
await server.start();
console.log('ready');
