import assert from 'node:assert/strict';
import sdk from '@dapr/dapr';
import { client } from './app.mjs';
import { eventually, fact, protocol } from './facts.mjs';

const { StateConcurrencyEnum, StateConsistencyEnum } = sdk;
const store = 'statestore';

async function save(...items) {
  const { error } = await client.state.save(store, items);
  assert.equal(error, undefined);
}

/** Over HTTP this client hands errors back, over gRPC it throws them. */
async function failure(promise) {
  try {
    const { error } = await promise;
    assert.ok(error, 'expected an error');
    return error;
  } catch (thrown) {
    return thrown;
  }
}

async function etag(key) {
  return (await client.state.getBulk(store, [key]))[0].etag;
}

fact('saved values are read back', async () => {
  const value = { name: 'Zürich ✈', list: [1, 'two', null], html: '<a href="x">&</a>' };
  await save({ key: 'object', value }, { key: 'text', value: 'just text' }, { key: 'number', value: 42 });
  assert.deepEqual(await client.state.get(store, 'object'), value);
  assert.equal(await client.state.get(store, 'text'), 'just text');
  assert.equal(await client.state.get(store, 'number'), 42);
  assert.deepEqual(await client.state.get(store, 'object', { consistency: StateConsistencyEnum.CONSISTENCY_STRONG }), value);
});

fact('a missing key is empty', async () => {
  assert.equal(await client.state.get(store, 'missing'), '');
});

fact('a bulk read tells values and etags', async () => {
  await save({ key: 'b1', value: { n: 1 } }, { key: 'b2', value: { n: 2 } });
  const items = await client.state.getBulk(store, ['b1', 'none', 'b2'], { parallelism: 2 });
  assert.deepEqual(items.map(item => item.key).sort(), ['b1', 'b2', 'none']);
  const found = Object.fromEntries(items.map(item => [item.key, item]));
  assert.deepEqual([found.b1.data, found.b2.data], [{ n: 1 }, { n: 2 }]);
  assert.ok(found.b1.etag && found.b2.etag);
  assert.ok(!found.none.data && !found.none.etag);
});

fact('a stale etag saves nothing', async () => {
  await save({ key: 'guarded', value: 'first' });
  const first = await etag('guarded');
  await save({ key: 'guarded', value: 'second', etag: first });
  const error = await failure(client.state.save(store, [{ key: 'guarded', value: 'third', etag: first }]));
  assert.match(error.message, /possible etag mismatch/);
  assert.equal(await client.state.get(store, 'guarded'), 'second');
});

fact('the first write wins where it is asked for', async () => {
  const options = { concurrency: StateConcurrencyEnum.CONCURRENCY_FIRST_WRITE };
  await save({ key: 'first', value: 'one', options });
  await failure(client.state.save(store, [{ key: 'first', value: 'two', options }]));
  assert.equal(await client.state.get(store, 'first'), 'one');
});

fact('a deleted key is gone', async () => {
  await save({ key: 'gone', value: 1 });
  const { error } = await client.state.delete(store, 'gone');
  assert.equal(error, undefined);
  assert.equal(await client.state.get(store, 'gone'), '');
});

fact('a stale etag deletes nothing', async () => {
  await save({ key: 'kept', value: 'a' });
  const stale = await etag('kept');
  await save({ key: 'kept', value: 'b' });
  await failure(client.state.delete(store, 'kept', { etag: stale }));
  assert.equal(await client.state.get(store, 'kept'), 'b');
  const { error } = await client.state.delete(store, 'kept', { etag: await etag('kept') });
  assert.equal(error, undefined);
  assert.equal(await client.state.get(store, 'kept'), '');
});

fact('a transaction writes and deletes together', async () => {
  await save({ key: 't-old', value: 'old' });
  await client.state.transaction(store, [
    { operation: 'upsert', request: { key: 't-new', value: 'new' } },
    { operation: 'delete', request: { key: 't-old' } },
  ]);
  assert.equal(await client.state.get(store, 't-new'), 'new');
  assert.equal(await client.state.get(store, 't-old'), '');
});

fact('a transaction with a stale etag writes nothing', async () => {
  await save({ key: 't-guarded', value: 'a' });
  const stale = await etag('t-guarded');
  await save({ key: 't-guarded', value: 'b' });
  const guarded = { key: 't-guarded', value: 'c', etag: protocol === 'http' ? stale : { toString: () => stale } };
  await assert.rejects(client.state.transaction(store, [
    { operation: 'upsert', request: { key: 't-other', value: 'x' } },
    { operation: 'upsert', request: guarded },
  ]));
  assert.equal(await client.state.get(store, 't-guarded'), 'b');
  assert.equal(await client.state.get(store, 't-other'), '');
});

fact('a value with a time to live expires', async () => {
  const { error } = await client.state.save(store, [{ key: 'short', value: 'lived' }], { metadata: { ttlInSeconds: '1' } });
  assert.equal(error, undefined);
  assert.equal(await client.state.get(store, 'short'), 'lived');
  await eventually(async () => (await client.state.get(store, 'short')) === '', 'the value is gone');
});

fact('queries are refused by a store that cannot run them', async () => {
  await assert.rejects(client.state.query(store, { filter: {}, sort: [], page: { limit: 1 } }), /does not support querying/);
});

fact('an unknown store is an error', async () => {
  await assert.rejects(client.state.get('nowhere', 'x'), /state store nowhere is not found/);
});
