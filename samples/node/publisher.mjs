// Publishes three orders and waits until the subscriber has added them up.
import sdk from '@dapr/dapr';

const { DaprClient, HttpMethod, LogLevel } = sdk;
const client = new DaprClient({
  daprHost: '127.0.0.1',
  daprPort: process.env.DAPR_HTTP_PORT ?? '3500',
  logger: { level: LogLevel.Error },
});
const app = process.env.APP_ID ?? 'sample';
const total = async () => (await client.invoker.invoke(app, 'total', HttpMethod.GET)).total;

const before = await total();
for (const [id, amount] of [[1, 10], [2, 20], [3, 12]]) {
  const { error } = await client.pubsub.publish('pubsub', 'node-orders', { id, amount });
  if (error) throw error;
}
while ((await total()) < before + 42) await new Promise(resolve => setTimeout(resolve, 50));
console.log(`total ${await total()}`);
process.exit(0);
