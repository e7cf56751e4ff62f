import assert from 'node:assert/strict';
import { client } from './app.mjs';
import { fact, httpFact, protocol } from './facts.mjs';
import { left, next } from './inbox.mjs';

async function publish(topic, data, options, pubsub = 'pubsub') {
  const { error } = await client.pubsub.publish(pubsub, topic, data, options);
  assert.equal(error, undefined);
}

const cloudEvent = (type, data) => ({ specversion: '1.0', id: `id-of-${type}`, source: 'test', type, datacontenttype: 'application/json', data });

fact('a published object arrives as it was', async () => {
  const order = { id: 7, name: 'Zürich ✈ <b>', nested: { list: [1, 2.5, null, true] } };
  await publish('plain', order);
  assert.deepEqual((await next('plain')).data, order);
});

fact('a published string arrives as a string', async () => {
  await publish('plain', 'hello ✈');
  assert.equal((await next('plain')).data, 'hello ✈');
});

fact('published bytes arrive', async () => {
  await publish('plain', Buffer.from('bytes ✈'));
  assert.equal((await next('plain')).data, 'bytes ✈');
});

fact('a megabyte arrives whole', async () => {
  const text = 'x'.repeat(1 << 20);
  await publish('plain', { text });
  assert.equal((await next('plain')).data.text.length, text.length);
});

fact('deliveries carry the token of the app', async () => {
  await publish('plain', 'token');
  assert.equal((await next('plain')).headers['dapr-api-token'], process.env.APP_API_TOKEN);
});

fact('deliveries carry the trace of the publisher', async () => {
  await publish('plain', 'traced');
  assert.match((await next('plain')).headers.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/);
});

fact('a rule on the type of a CloudEvent chooses the route', async () => {
  await publish('routed', cloudEvent('order.placed', { amount: 1 }));
  assert.deepEqual((await next('routed/placed')).data, { amount: 1 });
});

fact('a type given as metadata chooses the route', async () => {
  await publish('routed', { amount: 2 }, { metadata: { 'cloudevent.type': 'order.placed' } });
  assert.deepEqual((await next('routed/placed')).data, { amount: 2 });
});

fact('a rule on the data chooses the route', async () => {
  await publish('routed', { amount: 101 });
  assert.deepEqual((await next('routed/large')).data, { amount: 101 });
});

fact('an event that no rule matches takes the default route', async () => {
  await publish('routed', cloudEvent('order.lost', { amount: 999 }));
  await publish('routed', { amount: 99 });
  assert.deepEqual((await next('routed/other')).data, { amount: 999 });
  assert.deepEqual((await next('routed/other')).data, { amount: 99 });
});

fact('a raw payload arrives raw', async () => {
  await publish('raw', { plain: 'json' }, { metadata: { rawPayload: 'true' } });
  assert.deepEqual((await next('raw')).data, { plain: 'json' });
});

fact('messages published in bulk all arrive', async () => {
  const { failedMessages } = await client.pubsub.publishBulk('pubsub', 'many', [
    { entryID: 'one', event: { n: 1 } },
    { event: 'two', contentType: 'text/plain' },
    { n: 3 },
    'four',
  ]);
  assert.deepEqual(failedMessages, []);
  const got = [];
  for (let i = 0; i < 4; i++) got.push((await next('many')).data);
  assert.deepEqual(got.map(data => JSON.stringify(data)).sort(), ['"four"', '"two"', '{"n":1}', '{"n":3}']);
});

fact('a bulk subscription gets every message', async () => {
  const { failedMessages } = await client.pubsub.publishBulk('pubsub', 'batched', [{ n: 0 }, { n: 1 }, { n: 2 }]);
  assert.deepEqual(failedMessages, []);
  await publish('batched', { n: 3 });
  const got = [];
  for (let i = 0; i < 4; i++) got.push((await next('batched')).data.n);
  assert.deepEqual(got.sort(), [0, 1, 2, 3]);
});

fact('a dropped message goes to the dead letter topic', async () => {
  await publish('dropped', { bad: 1 });
  assert.deepEqual((await next('dropped')).data, { bad: 1 });
  assert.deepEqual((await next('dead')).data, { bad: 1 });
  assert.equal(left('dropped'), 0);
});

fact('a refused message goes to the dead letter topic', async () => {
  await publish('refused', { bad: 2 });
  assert.deepEqual((await next('refused')).data, { bad: 2 });
  assert.deepEqual((await next('dead')).data, { bad: 2 });
});

fact('a policy delivers a refused message again', async () => {
  await publish('again', { n: 1 }, undefined, 'retrying');
  assert.deepEqual((await next('again')).data, { n: 1 });
  assert.deepEqual((await next('again')).data, { n: 1 });
  await publish('again', { n: 2 }, undefined, 'retrying');
  assert.deepEqual((await next('again')).data, { n: 2 });
});

httpFact('subscriptions of a resource file are delivered by their rules', async () => {
  await publish('declared', cloudEvent('special', { n: 1 }));
  await publish('declared', cloudEvent('usual', { n: 2 }));
  const special = (await next('declared-special')).data;
  assert.deepEqual([special.id, special.source, special.type, special.topic, special.pubsubname, special.data], ['id-of-special', 'test', 'special', 'declared', 'pubsub', { n: 1 }]);
  assert.deepEqual((await next('declared')).data.data, { n: 2 });
});

fact('publishing to an unknown component is an error', async () => {
  const error = protocol === 'http'
    ? (await client.pubsub.publish('nowhere', 'plain', 'x')).error
    : (await assertThrown(client.pubsub.publish('nowhere', 'plain', 'x'))).error;
  assert.match(error.message, /pubsub nowhere is not found/);
});

fact('bulk publishing to an unknown component fails every message', async () => {
  const { failedMessages } = await client.pubsub.publishBulk('nowhere', 'plain', ['a', 'b']);
  assert.equal(failedMessages.length, 2);
  assert.match(failedMessages[0].error.message, /pubsub nowhere is not found/);
});

async function assertThrown(promise) {
  try {
    await promise;
  } catch (thrown) {
    return thrown;
  }
  throw new Error('expected an error');
}
