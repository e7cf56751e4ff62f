// kafkajs' client of schema registries: registers, encodes, decodes and evolves all three kinds.
// node kafkajs-registry.js URL RUN: writes "ok NAME" for each step, and ends with an error where one does not hold.
import assert from 'node:assert/strict'
import registry from '@kafkajs/confluent-schema-registry'

const { SchemaRegistry, SchemaType, COMPATIBILITY } = registry
const host = process.argv[2]
const run = process.argv[3]
const client = new SchemaRegistry({ host })
const step = async (name, act) => { await act(); console.log(`ok ${name}`) }

await step('avro', async () => {
  const subject = `${run}-kafkajs-avro`
  const first = { type: 'record', name: 'Trade', namespace: 'shop', fields: [{ name: 'symbol', type: 'string' }, { name: 'price', type: 'double' }] }
  const { id } = await client.register({ type: SchemaType.AVRO, schema: JSON.stringify(first) }, { subject, compatibility: COMPATIBILITY.BACKWARD })
  assert.equal(id, await client.getLatestSchemaId(subject))
  const message = await client.encode(id, { symbol: 'ABC', price: 1.5 })
  assert.equal(message.readInt8(0), 0)
  assert.equal(message.readInt32BE(1), id)
  assert.deepEqual({ ...await client.decode(message) }, { symbol: 'ABC', price: 1.5 })

  const second = { ...first, fields: [...first.fields, { name: 'venue', type: 'string', default: 'XETR' }] }
  const evolved = await client.register({ type: SchemaType.AVRO, schema: JSON.stringify(second) }, { subject })
  assert.notEqual(evolved.id, id)
  assert.equal(await client.getRegistryId(subject, 2), evolved.id)
  const reader = new SchemaRegistry({ host })
  const old = await reader.decode(message, { [SchemaType.AVRO]: { readerSchema: second } })
  assert.equal(old.venue, 'XETR')
  assert.deepEqual({ ...await reader.decode(await client.encode(evolved.id, { symbol: 'X', price: 2, venue: 'Y' })) }, { symbol: 'X', price: 2, venue: 'Y' })
})

await step('avro-conflict', async () => {
  const subject = `${run}-kafkajs-avro`
  const broken = { type: 'record', name: 'Trade', namespace: 'shop', fields: [{ name: 'symbol', type: 'string' }, { name: 'size', type: 'int' }] }
  await assert.rejects(client.register({ type: SchemaType.AVRO, schema: JSON.stringify(broken) }, { subject }), error => error.status === 409 && /READER_FIELD_MISSING_DEFAULT_VALUE/.test(error.message))
})

await step('avro-references', async () => {
  const customer = { type: 'record', name: 'Customer', namespace: 'shop', fields: [{ name: 'id', type: 'long' }] }
  await client.register({ type: SchemaType.AVRO, schema: JSON.stringify(customer) }, { subject: `${run}-kafkajs-customer` })
  const order = { type: 'record', name: 'Order', namespace: 'shop', fields: [{ name: 'customer', type: 'shop.Customer' }] }
  const { id } = await client.register(
    { type: SchemaType.AVRO, schema: JSON.stringify(order), references: [{ name: 'shop.Customer', subject: `${run}-kafkajs-customer`, version: 1 }] },
    { subject: `${run}-kafkajs-order` })
  const decoded = await new SchemaRegistry({ host }).decode(await client.encode(id, { customer: { id: 7 } }))
  assert.equal(decoded.customer.id, 7)
})

await step('json', async () => {
  const subject = `${run}-kafkajs-json`
  const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false }
  const { id } = await client.register({ type: SchemaType.JSON, schema: JSON.stringify(schema) }, { subject })
  assert.deepEqual(await client.decode(await client.encode(id, { a: 'x' })), { a: 'x' })
  await assert.rejects(client.encode(id, { a: 1 }))
  const next = { ...schema, properties: { ...schema.properties, b: { type: 'integer' } } }
  const evolved = await client.register({ type: SchemaType.JSON, schema: JSON.stringify(next) }, { subject })
  assert.deepEqual(await new SchemaRegistry({ host }).decode(await client.encode(evolved.id, { a: 'x', b: 1 })), { a: 'x', b: 1 })
})

await step('protobuf', async () => {
  const subject = `${run}-kafkajs-protobuf`
  const schema = 'syntax = "proto3"; package shop; message Trade { string symbol = 1; double price = 2; }'
  const { id } = await client.register({ type: SchemaType.PROTOBUF, schema }, { subject })
  const decoded = await new SchemaRegistry({ host }).decode(await client.encode(id, { symbol: 'ABC', price: 1.5 }))
  assert.equal(decoded.symbol, 'ABC')
  const evolved = await client.register({ type: SchemaType.PROTOBUF, schema: schema.replace('}', ' repeated string venues = 3; }') }, { subject })
  const later = await new SchemaRegistry({ host }).decode(await client.encode(evolved.id, { symbol: 'X', venues: ['a', 'b'] }))
  assert.deepEqual(later.venues, ['a', 'b'])
})
