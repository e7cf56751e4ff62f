// node admin.js BROKERS   asks for administration as kafkajs does and prints what it was answered, one JSON object a line
import kafkajs from 'kafkajs';

const { Kafka, logLevel, ConfigResourceTypes } = kafkajs;
const kafka = new Kafka({ clientId: 'kafkajs', brokers: process.argv[2].split(','), logLevel: logLevel.NOTHING, retry: { retries: 0 } });
const admin = kafka.admin();
const print = (what, answer) => console.log(JSON.stringify({ what, answer }));
const refused = async (what, request) => {
  try {
    await request();
    print(what, 'accepted');
  } catch (error) {
    print(what, error.errors?.[0]?.type ?? error.groups?.[0]?.error?.type ?? error.type ?? error.cause?.type ?? `${error}`);
  }
};

await admin.connect();
const create = (topic, more) => admin.createTopics({ topics: [{ topic, numPartitions: 2, replicationFactor: 1, ...more }] });
print('created', await create('js', { configEntries: [{ name: 'retention.ms', value: '1000' }] }));
print('created again', await create('js'));
await refused('no partitions', () => create('bad', { numPartitions: 0 }));
await refused('three replicas', () => create('bad', { replicationFactor: 3 }));
await refused('no name', () => create('a b'));
await refused('no such setting', () => create('bad', { configEntries: [{ name: 'no.such', value: '1' }] }));
await admin.createPartitions({ topicPartitions: [{ topic: 'js', count: 3 }] });
await refused('fewer partitions', () => admin.createPartitions({ topicPartitions: [{ topic: 'js', count: 1 }] }));
print('topics', await admin.listTopics());
print('partitions', (await admin.fetchTopicMetadata({ topics: ['js'] })).topics[0].partitions.map(({ partitionId, leader, replicas, isr }) => [partitionId, leader, replicas, isr]).sort());
print('cluster', (({ brokers, controller, clusterId }) => [brokers.length, brokers[0].nodeId === controller, clusterId])(await admin.describeCluster()));

const settings = async () => {
  const found = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: ConfigResourceTypes.TOPIC, name: 'js', configNames: ['retention.ms', 'cleanup.policy'] }] });
  return found.resources[0].configEntries.map(({ configName, configValue, configSource }) => [configName, configValue, configSource]).sort();
};
print('settings', await settings());
await admin.alterConfigs({ resources: [{ type: ConfigResourceTypes.TOPIC, name: 'js', configEntries: [{ name: 'cleanup.policy', value: 'compact' }] }] });
print('settings replaced', await settings());

const producer = kafka.producer({ idempotent: true, retry: { retries: 3 } });
await producer.connect();
await producer.send({ topic: 'js', messages: [0, 1, 2, 3].map(n => ({ partition: 0, value: `${n}`, timestamp: `${1000 + n}` })) });
await producer.disconnect();
print('offsets', (await admin.fetchTopicOffsets('js')).map(({ partition, low, high }) => [partition, low, high]).sort());
print('offsets by time', (await admin.fetchTopicOffsetsByTimestamp('js', 1002)).map(({ partition, offset }) => [partition, offset]).sort());

await admin.setOffsets({ groupId: 'tool', topic: 'js', partitions: [{ partition: 0, offset: '3' }] });
print('committed', (await admin.fetchOffsets({ groupId: 'tool', topics: ['js'] }))[0].partitions.map(({ partition, offset }) => [partition, offset]).sort());

const consumer = kafka.consumer({ groupId: 'live', sessionTimeout: 6000, heartbeatInterval: 300, maxWaitTimeInMs: 200 });
await consumer.connect();
await consumer.subscribe({ topics: ['js'], fromBeginning: true });
const read = [];
await new Promise((resolve, reject) => {
  consumer.on(consumer.events.CRASH, event => reject(event.payload.error));
  consumer.run({ eachMessage: async ({ message }) => { read.push(`${message.value}`); if (read.length === 4) resolve(); } });
});
print('read', read);
print('groups', (await admin.listGroups()).groups.map(({ groupId, protocolType }) => [groupId, protocolType]).sort());
print('described', (await admin.describeGroups(['live', 'stranger'])).groups.map(({ groupId, state, members }) => [groupId, state, members.length]));
await refused('delete a live group', () => admin.deleteGroups(['live']));
await refused('delete a stranger', () => admin.deleteGroups(['stranger']));
await consumer.disconnect();
print('described after', (await admin.describeGroups(['live'])).groups.map(({ state, members }) => [state, members.length]));
await refused('delete an empty group', () => admin.deleteGroups(['live']));
await admin.deleteTopicRecords({ topic: 'js', partitions: [{ partition: 0, offset: '2' }] });
print('offsets after deleting', (await admin.fetchTopicOffsets('js')).map(({ partition, low, high }) => [partition, low, high]).sort());
await admin.deleteTopics({ topics: ['js'] });
await refused('delete again', () => admin.deleteTopics({ topics: ['js'] }));
print('topics at the end', await admin.listTopics());
await admin.disconnect();
process.exit(0);
