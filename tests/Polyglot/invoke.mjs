import assert from 'node:assert/strict';
import sdk from '@dapr/dapr';
import { appId, client } from './app.mjs';
import { fact, httpFact } from './facts.mjs';

const { HttpMethod } = sdk;

fact('methods are invoked by their verbs', async () => {
  for (const method of [HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH]) {
    const answer = await client.invoker.invoke(appId, 'echo', method, { verb: method, text: 'Zürich ✈' });
    assert.deepEqual([answer.method, answer.body], [method, { verb: method, text: 'Zürich ✈' }]);
  }
  for (const method of [HttpMethod.GET, HttpMethod.DELETE]) {
    assert.equal((await client.invoker.invoke(appId, 'echo', method)).method, method);
  }
});

fact('many calls at once all get their own answer', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => client.invoker.invoke(appId, 'echo', HttpMethod.POST, { n })));
  assert.deepEqual(answers.map(answer => answer.body.n), Array.from({ length: 50 }, (_, n) => n));
});

httpFact('the query reaches the method', async () => {
  const answer = await client.invoker.invoke(appId, 'echo?a=1&b=%C3%BC', HttpMethod.GET);
  assert.equal(answer.query, '/echo?a=1&b=%C3%BC');
});

httpFact('an unknown method is the 404 of the app', async () => {
  await assert.rejects(client.invoker.invoke(appId, 'nothing', HttpMethod.GET), error => JSON.parse(error.message).status === 404);
});

fact('an unknown app is an error', async () => {
  await assert.rejects(client.invoker.invoke('nobody', 'echo', HttpMethod.GET), /nobody/);
});
