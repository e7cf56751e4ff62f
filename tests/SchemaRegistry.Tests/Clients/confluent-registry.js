// Confluent's client of schema registries and its serializers: registers, encodes, decodes and evolves all three kinds.
// node confluent-registry.js URL RUN: writes "ok NAME" for each step, and ends with an error where one does not hold.
import assert from 'node:assert/strict'
import registry from '@confluentinc/schemaregistry'
import { create, createFileRegistry, createMutableRegistry } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt'

const { AvroDeserializer, AvroSerializer, Compatibility, JsonDeserializer, JsonSerializer, ProtobufDeserializer, ProtobufSerializer, SchemaRegistryClient, SerdeType } = registry
const url = process.argv[2]
const run = process.argv[3]
const open = () => SchemaRegistryClient.newClient({ baseURLs: [url] })
const client = open()
const step = async (name, act) => { await act(); console.log(`ok ${name}`) }

await step('avro', async () => {
  const topic = `${run}-confluent-avro`
  const first = { type: 'record', name: 'Trade', namespace: 'shop', fields: [{ name: 'symbol', type: 'string' }, { name: 'price', type: 'double' }] }
  await client.register(`${topic}-value`, { schemaType: 'AVRO', schema: JSON.stringify(first) })
  const serializer = new AvroSerializer(client, SerdeType.VALUE, { useLatestVersion: true })
  const message = await serializer.serialize(topic, { symbol: 'ABC', price: 1.5 })
  assert.deepEqual({ ...await new AvroDeserializer(open(), SerdeType.VALUE, {}).deserialize(topic, message) }, { symbol: 'ABC', price: 1.5 })

  const second = { ...first, fields: [...first.fields, { name: 'venue', type: 'string', default: 'XETR' }] }
  assert.equal(await client.testSubjectCompatibility(`${topic}-value`, { schemaType: 'AVRO', schema: JSON.stringify(second) }), true)
  await client.register(`${topic}-value`, { schemaType: 'AVRO', schema: JSON.stringify(second) })
  const old = await new AvroDeserializer(open(), SerdeType.VALUE, { useLatestVersion: true }).deserialize(topic, message)
  assert.equal(old.venue ?? 'XETR', 'XETR')
})

await step('subjects', async () => {
  const subject = `${run}-confluent-avro-value`
  assert.deepEqual(await client.getAllVersions(subject), [1, 2])
  const latest = await open().getLatestSchemaMetadata(subject)
  assert.equal(latest.version, 2)
  assert.equal((await client.getBySubjectAndId(subject, latest.id)).schema, latest.schema)
  assert.equal(await client.getVersion(subject, { schemaType: 'AVRO', schema: latest.schema }), 2)
  assert.ok((await client.getAllSubjects()).includes(subject))
  const broken = { schemaType: 'AVRO', schema: '"string"' }
  await assert.rejects(client.register(subject, broken), error => error.status === 409 || error.errorCode === 409)
  assert.equal(await client.testSubjectCompatibility(subject, broken), false)
  assert.equal(await client.updateCompatibility(subject, Compatibility.NONE), Compatibility.NONE)
  assert.equal(await client.getCompatibility(subject), Compatibility.NONE)
  assert.deepEqual(await client.deleteSubject(subject), [1, 2])
  assert.deepEqual(await client.deleteSubject(subject, true), [1, 2])
})

await step('json', async () => {
  const topic = `${run}-confluent-json`
  const schema = { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false }
  await client.register(`${topic}-value`, { schemaType: 'JSON', schema: JSON.stringify(schema) })
  const serializer = new JsonSerializer(client, SerdeType.VALUE, { useLatestVersion: true, validate: true })
  const message = await serializer.serialize(topic, { a: 'x' })
  assert.deepEqual(await new JsonDeserializer(open(), SerdeType.VALUE, { validate: true }).deserialize(topic, message), { a: 'x' })
  await assert.rejects(serializer.serialize(topic, { a: 1 }))
  const next = { ...schema, properties: { ...schema.properties, b: { type: 'integer' } } }
  await client.register(`${topic}-value`, { schemaType: 'JSON', schema: JSON.stringify(next) })
})

const file = (name, fields, dependencies = []) => create(FileDescriptorProtoSchema, {
  name: `${name}.proto`, package: 'shop', syntax: 'proto3', dependency: dependencies.map(d => `${d}.proto`),
  messageType: [{ name: name[0].toUpperCase() + name.slice(1), field: fields.map(([field, type, typeName], i) => ({ name: field, jsonName: field, number: i + 1, label: 1, type, typeName })) }],
})
const DOUBLE = 1, STRING = 9, MESSAGE = 11

await step('protobuf', async () => {
  const topic = `${run}-confluent-protobuf`
  const registered = createFileRegistry(file('trade', [['symbol', STRING], ['price', DOUBLE]]), () => undefined)
  const Trade = registered.getMessage('shop.Trade')
  const serializer = new ProtobufSerializer(client, SerdeType.VALUE, { autoRegisterSchemas: true })
  serializer.registry.add(Trade)
  const message = await serializer.serialize(topic, create(Trade, { symbol: 'ABC', price: 1.5 }))
  const decoded = await new ProtobufDeserializer(open(), SerdeType.VALUE, {}).deserialize(topic, message)
  assert.equal(decoded.symbol, 'ABC')
  assert.equal(decoded.price, 1.5)
  const latest = await client.getLatestSchemaMetadata(`${topic}-value`)
  assert.match(latest.schema, /message Trade \{/)
  assert.match((await open().getLatestSchemaMetadata(`${topic}-value`, 'serialized')).schema, /^[A-Za-z0-9+/=]+$/)

  const evolved = createFileRegistry(file('trade', [['symbol', STRING], ['price', DOUBLE], ['venue', STRING]]), () => undefined).getMessage('shop.Trade')
  const later = new ProtobufSerializer(open(), SerdeType.VALUE, { autoRegisterSchemas: true })
  later.registry.add(evolved)
  const second = await later.serialize(topic, create(evolved, { symbol: 'X', venue: 'Y' }))
  assert.equal((await new ProtobufDeserializer(open(), SerdeType.VALUE, {}).deserialize(topic, second)).venue, 'Y')
  assert.deepEqual(await client.getAllVersions(`${topic}-value`), [1, 2])
})

await step('protobuf-references', async () => {
  const topic = `${run}-confluent-protobuf-order`
  const trade = file('trade', [['symbol', STRING]])
  const files = createFileRegistry(file('order', [['trade', MESSAGE, '.shop.Trade']], ['trade']), name => name === 'trade.proto' ? trade : undefined)
  const Order = files.getMessage('shop.Order')
  const serializer = new ProtobufSerializer(client, SerdeType.VALUE, { autoRegisterSchemas: true })
  serializer.registry = createMutableRegistry(files.getMessage('shop.Order'), files.getMessage('shop.Trade'))
  const message = await serializer.serialize(topic, create(Order, { trade: create(files.getMessage('shop.Trade'), { symbol: 'R' }) }))
  const decoded = await new ProtobufDeserializer(open(), SerdeType.VALUE, {}).deserialize(topic, message)
  assert.equal(decoded.trade.symbol, 'R')
  assert.equal((await client.getLatestSchemaMetadata(`${topic}-value`)).references[0].name, 'trade.proto')
})

await step('metadata-and-rules', async () => {
  const subject = `${run}-confluent-rules-value`
  const info = { schemaType: 'AVRO', schema: '{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}', metadata: { properties: { owner: 'shop' } }, ruleSet: { domainRules: [{ name: 'check', kind: 'CONDITION', mode: 'WRITE', type: 'CEL', expr: 'message.a > 0' }] } }
  await client.register(subject, info)
  const found = await open().getLatestWithMetadata(subject, { owner: 'shop' })
  assert.equal(found.ruleSet.domainRules[0].name, 'check')
})

client.close()
