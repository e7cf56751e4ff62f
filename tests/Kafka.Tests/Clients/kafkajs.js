// node kafkajs.js BROKERS TOPIC read COUNT   prints COUNT messages, one JSON object a line
// node kafkajs.js BROKERS TOPIC write        sends the messages that stand on stdin, one JSON object a line
import kafkajs from 'kafkajs';
import lz4 from 'lz4js';
import { createInterface } from 'node:readline';

const { Kafka, logLevel, Partitioners, CompressionTypes, CompressionCodecs } = kafkajs;
// kafkajs itself knows gzip only.
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async encoder => Buffer.from(lz4.compress(encoder.buffer)),
  decompress: async buffer => Buffer.from(lz4.decompress(buffer)),
});
const [brokers, topic, mode, count] = process.argv.slice(2);
const kafka = new Kafka({ clientId: 'kafkajs', brokers: brokers.split(','), logLevel: logLevel.ERROR, retry: { retries: 3 } });
const text = bytes => (bytes === null || bytes === undefined ? null : bytes.toString('utf8'));

async function read() {
  const consumer = kafka.consumer({ groupId: `kafkajs-${process.pid}`, sessionTimeout: 6000, heartbeatInterval: 1000 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  let left = Number(count);
  await new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, event => reject(event.payload.error));
    consumer.run({
      eachMessage: async ({ partition, message }) => {
        if (left-- <= 0) return;
        const headers = Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, value]) => [name, text(value)]));
        console.log(JSON.stringify({ partition, offset: message.offset, timestamp: message.timestamp, key: text(message.key), value: text(message.value), headers }));
        if (left === 0) resolve();
      },
    }).catch(reject);
  });
  await consumer.disconnect();
}

async function write() {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const messages = [];
  for await (const line of createInterface({ input: process.stdin })) messages.push(JSON.parse(line));
  const sent = await producer.send({ topic, messages, acks: -1 });
  console.log(JSON.stringify(sent));
  await producer.disconnect();
}

await (mode === 'read' ? read() : write());
process.exit(0);
