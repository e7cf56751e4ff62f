// The app: the SDK's server with the subscriptions and methods that the facts use, and the SDK's client.
import sdk from '@dapr/dapr';
import { protocol } from './facts.mjs';
import { into } from './inbox.mjs';

const { CommunicationProtocolEnum, DaprPubSubStatusEnum: Status, DaprServer, HttpMethod, LogLevel } = sdk;
const communicationProtocol = protocol === 'http' ? CommunicationProtocolEnum.HTTP : CommunicationProtocolEnum.GRPC;

export const appId = process.env.APP_ID;
export const server = new DaprServer({
  serverHost: '127.0.0.1',
  serverPort: process.env.APP_PORT,
  communicationProtocol,
  logger: { level: LogLevel.Error },
  clientOptions: {
    daprHost: '127.0.0.1',
    daprPort: protocol === 'http' ? process.env.DAPR_HTTP_PORT : process.env.DAPR_GRPC_PORT,
    daprApiToken: process.env.DAPR_API_TOKEN,
    communicationProtocol,
  },
});
export const client = server.client;

/** Registers everything and waits until the sidecar is ready to deliver. */
export async function start() {
  const { pubsub, invoker } = server;
  await pubsub.subscribe('pubsub', 'plain', into('plain'));
  await pubsub.subscribe('pubsub', 'many', into('many'));
  await pubsub.subscribeBulk('pubsub', 'batched', into('batched'), { maxMessagesCount: 10, maxAwaitDurationMs: 100 });
  await pubsub.subscribe('pubsub', 'raw', into('raw'), 'raw', { rawPayload: true });

  const route = {
    default: 'other',
    rules: [
      { match: 'event.type == "order.placed"', path: 'placed' },
      { match: 'event.data.amount > 100 && event.source != "test"', path: 'large' },
    ],
  };
  await pubsub.subscribeWithOptions('pubsub', 'routed', { route });
  for (const path of ['other', 'placed', 'large']) pubsub.subscribeToRoute('pubsub', 'routed', path, into(`routed/${path}`));

  await pubsub.subscribeWithOptions('pubsub', 'dropped', { callback: into('dropped', Status.DROP), deadLetterTopic: 'dead' });
  await pubsub.subscribeWithOptions('pubsub', 'refused', { callback: into('refused', Status.RETRY), deadLetterTopic: 'dead' });
  await pubsub.subscribe('pubsub', 'dead', into('dead'));
  const secondTime = (_, count) => (count % 2 === 1 ? Status.RETRY : Status.SUCCESS);
  await pubsub.subscribe('retrying', 'again', into('again', secondTime));

  for (const method of [HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE]) {
    await invoker.listen('echo', async ({ body, query }) => ({ method, body: body ? JSON.parse(body) : null, query: query ?? '' }), { method });
  }

  if (protocol === 'http') {
    // Routes of subscriptions in a resource file: the SDK knows nothing of these.
    for (const path of ['declared', 'declared-special']) {
      const handle = into(path);
      server.daprServer.getServer().post(`/${path}`, async (request, response) => {
        await handle(request.body, request.headers);
        response.send({ status: Status.SUCCESS });
      });
    }
  }

  await server.start();
  await ready();
}

async function ready() {
  for (;;) {
    try {
      const response = await fetch(`http://127.0.0.1:${process.env.DAPR_HTTP_PORT}/v1.0/healthz`);
      if (response.status === 204) return;
    } catch {
      // Not listening yet.
    }
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}
