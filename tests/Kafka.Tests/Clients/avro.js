// node avro.js BROKERS REGISTRY TOPIC read COUNT    prints COUNT decoded Avro values, one JSON object a line
// node avro.js BROKERS REGISTRY TOPIC write SCHEMA  registers SCHEMA under TOPIC-value and sends the JSON values of stdin as Avro
import kafkajs from 'kafkajs';
import registryClient from '@kafkajs/confluent-schema-registry';
import { createInterface } from 'node:readline';

const { Kafka, logLevel, Partitioners } = kafkajs;
const { SchemaRegistry, SchemaType } = registryClient;
const [brokers, host, topic, mode, argument] = process.argv.slice(2);
const kafka = new Kafka({ clientId: 'kafkajs', brokers: brokers.split(','), logLevel: logLevel.ERROR, retry: { retries: 3 } });
const registry = new SchemaRegistry({ host });
const json = value => JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? item.toString() : item?.type === 'Buffer' ? Buffer.from(item.data).toString('hex') : item));

async function read() {
  const consumer = kafka.consumer({ groupId: `kafkajs-${process.pid}`, sessionTimeout: 6000, heartbeatInterval: 1000 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  let left = Number(argument);
  await new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, event => reject(event.payload.error));
    consumer.run({
      eachMessage: async ({ message }) => {
        if (left-- <= 0) return;
        console.log(json(await registry.decode(message.value)));
        if (left === 0) resolve();
      },
    }).catch(reject);
  });
  await consumer.disconnect();
}

async function write() {
  const { id } = await registry.register({ type: SchemaType.AVRO, schema: argument }, { subject: `${topic}-value` });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const messages = [];
  for await (const line of createInterface({ input: process.stdin })) messages.push({ value: await registry.encode(id, JSON.parse(line)) });
  await producer.send({ topic, messages, acks: -1 });
  await producer.disconnect();
}

await (mode === 'read' ? read() : write());
process.exit(0);
