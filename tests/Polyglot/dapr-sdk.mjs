// node dapr-sdk.mjs http|grpc
// The SDK's server is the app of a sidecar, its client calls that sidecar; the last call shuts the sidecar down.
// Environment: APP_ID, APP_PORT, DAPR_HTTP_PORT, DAPR_GRPC_PORT, DAPR_API_TOKEN, APP_API_TOKEN.
import { client, start } from './app.mjs';
import { fact, run, within } from './facts.mjs';
import './pubsub.mjs';
import './state.mjs';
import './invoke.mjs';
import './runtime.mjs';

fact('the client shuts the sidecar down', () => client.sidecar.shutdown());

await within(start(), 'the sidecar to become ready', 30_000);
await run();
process.exit(0);
