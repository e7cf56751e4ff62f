import assert from 'node:assert/strict';
import { appId, client } from './app.mjs';
import { fact, httpFact } from './facts.mjs';

fact('the sidecar is healthy', async () => {
  assert.equal(await client.health.isHealthy(), true);
});

fact('metadata name the app and its components', async () => {
  const metadata = await client.metadata.get();
  assert.equal(metadata.id, appId);
  const types = Object.fromEntries(metadata.components.map(({ name, type, version }) => [name, `${type} ${version}`]));
  assert.equal(types.pubsub, 'pubsub.in-memory v1');
  assert.equal(types.statestore, 'state.in-memory v1');
  const { capabilities } = metadata.components.find(({ name }) => name === 'statestore');
  assert.deepEqual([...capabilities].sort(), ['ACTOR', 'DELETE_WITH_PREFIX', 'ETAG', 'KEYS_LIKE', 'TRANSACTIONAL', 'TTL']);
});

httpFact('metadata name the subscriptions of the server', async () => {
  const { subscriptions } = await client.metadata.get();
  const routed = subscriptions.find(({ topic }) => topic === 'routed');
  assert.deepEqual(routed.rules.map(({ path }) => path), ['/pubsub--routed--placed', '/pubsub--routed--large', '/pubsub--routed--other']);
  assert.equal(subscriptions.find(({ topic }) => topic === 'dropped').deadLetterTopic, 'dead');
});

fact('metadata that were set are told', async () => {
  assert.equal(await client.metadata.set('colour', 'blue ✈'), true);
  assert.equal((await client.metadata.get()).extended.colour, 'blue ✈');
});

fact('secrets are read from a file', async () => {
  assert.deepEqual(await client.secret.get('files', 'password'), { password: 's3cret ✈' });
  assert.deepEqual(await client.secret.get('files', 'redis:user'), { 'redis:user': 'mesh' });
});

fact('secrets are read from the environment', async () => {
  assert.deepEqual(await client.secret.get('environment', 'COLOUR'), { COLOUR: 'green' });
});

fact('all secrets of a store are read at once', async () => {
  assert.deepEqual(await client.secret.getBulk('files'), { password: { password: 's3cret ✈' }, 'redis:user': { 'redis:user': 'mesh' } });
});

fact('an unknown secret is an error', async () => {
  await assert.rejects(client.secret.get('files', 'nothing'), /secret nothing not found/);
});
