// An independent reader of Delta tables: prints the rows of a table, one JSON object a line.
//
//   node delta.mjs TABLE [--version N] [--checkpoint] [--cdf FROM:TO]
//
// It replays the log by itself and reads Parquet with hyparquet; nothing of it is shared with the library whose tables it reads.
// Decimals are texts, binary is upper-case hex, timestamps are UTC with microseconds and Z (timestamp_ntz without it).
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

const [table, ...rest] = process.argv.slice(2)
const option = name => rest.includes(name) ? rest[rest.indexOf(name) + 1] : undefined
const log = join(table, '_delta_log')
const Z85 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#'

// ---- Parquet ----

async function readParquet(path) {
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file)
  // hyparquet makes doubles of decimals: here they stay what the file has.
  for (const element of metadata.schema) {
    if (element.converted_type === 'DECIMAL' || element.logical_type?.type === 'DECIMAL') {
      delete element.converted_type
      delete element.logical_type
    }
  }

  const same = x => x
  const rows = await parquetReadObjects({
    file, metadata, compressors, utf8: false,
    parsers: { timestampFromMicroseconds: x => ({ micros: BigInt(x) }), timestampFromMilliseconds: x => ({ micros: BigInt(x) * 1000n }), timestampFromNanoseconds: x => ({ micros: BigInt(x) / 1000n }), dateFromDays: days => ({ days }), jsonFromBytes: same },
  })
  return { rows, metadata }
}

// ---- The log ----

const pad = (n, digits = 20) => String(n).padStart(digits, '0')

const lines = path => readFileSync(path, 'utf8').split('\n').filter(line => line.trim()).map(line => JSON.parse(line))

const versions = existsSync(log) ? readdirSync(log).filter(name => /^\d{20}\.json$/.test(name)).map(name => Number(name.slice(0, 20))).sort((a, b) => a - b) : []

/** Nulls are absent fields in a checkpoint, and numbers of 64 bits are BigInts. */
function plain(value) {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(plain)
  if (value && typeof value === 'object' && !(value instanceof Uint8Array)) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined).map(([key, item]) => [key, plain(item)])
    return Object.fromEntries(entries)
  }
  return value
}

async function checkpointActions(version) {
  const names = readdirSync(log).filter(name => name.startsWith(`${pad(version)}.checkpoint.`))
  const read = async path => path.endsWith('.json') ? lines(path) : (await readParquet(path)).rows.map(row => Object.fromEntries(Object.entries(row).filter(([, value]) => value != null).map(([key, value]) => [key, plain(value)])))
  const actions = (await Promise.all(names.map(name => read(join(log, name))))).flat()
  for (const { sidecar } of actions.filter(action => action.sidecar)) actions.push(...await read(join(log, '_sidecars', decodeURIComponent(sidecar.path))))
  return actions
}

const vectorId = dv => dv ? `${dv.storageType}${dv.pathOrInlineDv}${dv.offset == null ? '' : `@${dv.offset}`}` : ''

const keyOf = file => `${decodeURIComponent(file.path)}|${vectorId(file.deletionVector)}`

async function replay(until, fromCheckpoint) {
  const state = { files: new Map(), metaData: null, protocol: null, version: -1 }
  const apply = action => {
    if (action.metaData) state.metaData = action.metaData
    if (action.protocol) state.protocol = action.protocol
    if (action.remove) state.files.delete(keyOf(action.remove))
    if (action.add) state.files.set(keyOf(action.add), action.add)
  }
  if (fromCheckpoint) {
    const checkpoints = readdirSync(log).map(name => /^(\d{20})\.checkpoint\./.exec(name)).filter(Boolean).map(match => Number(match[1])).filter(version => version <= until)
    if (checkpoints.length === 0) throw new Error(`no checkpoint up to version ${until}`)
    state.version = Math.max(...checkpoints)
    for (const action of await checkpointActions(state.version)) apply(action)
  }
  for (const version of versions.filter(version => version > state.version && version <= until)) {
    if (version !== state.version + 1) throw new Error(`version ${state.version + 1} is missing`)
    for (const action of lines(join(log, `${pad(version)}.json`))) apply(action)
    state.version = version
  }
  return state
}

// ---- Deletion vectors ----

function fromZ85(text) {
  const bytes = Buffer.alloc(text.length / 5 * 4)
  for (let i = 0; i < text.length; i += 5) {
    let value = 0
    for (const c of text.slice(i, i + 5)) value = value * 85 + Z85.indexOf(c)
    bytes.writeUInt32BE(value, i / 5 * 4)
  }
  return bytes
}

function bitmapOf(dv) {
  if (dv.storageType === 'i') return fromZ85(dv.pathOrInlineDv).subarray(0, dv.sizeInBytes)
  const uuid = fromZ85(dv.pathOrInlineDv.slice(-20)).toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  const path = dv.storageType === 'p' ? decodeURIComponent(dv.pathOrInlineDv.replace(/^file:\/*/, '/')) : join(table, dv.pathOrInlineDv.slice(0, -20), `deletion_vector_${uuid}.bin`)
  const file = readFileSync(path)
  const at = dv.offset ?? 0
  if (file[0] !== 1 || file.readInt32BE(at) !== dv.sizeInBytes) throw new Error(`${path} has another vector at ${at} than the log says`)
  return file.subarray(at + 4, at + 4 + dv.sizeInBytes)
}

/** The 64-bit portable form of Roaring bitmaps. */
function deletedRows(dv) {
  const rows = new Set()
  if (!dv) return rows
  const bytes = bitmapOf(dv)
  let at = 0
  const u16 = () => bytes.readUInt16LE((at += 2) - 2)
  const u32 = () => bytes.readUInt32LE((at += 4) - 4)
  if (u32() !== 1681511377) throw new Error('no deletion vector')
  const buckets = Number(bytes.readBigInt64LE((at += 8) - 8))
  for (let bucket = 0; bucket < buckets; bucket++) {
    const high = u32() * 2 ** 32
    const cookie = u32()
    const hasRuns = (cookie & 0xFFFF) === 12347
    const count = hasRuns ? (cookie >>> 16) + 1 : u32()
    const runs = hasRuns ? bytes.subarray(at, at += Math.ceil(count / 8)) : null
    const heads = Array.from({ length: count }, () => ({ key: u16() * 65536, size: u16() + 1 }))
    if (!hasRuns || count >= 4) at += 4 * count
    heads.forEach(({ key, size }, i) => {
      const base = high + key
      if (runs && runs[i >> 3] & (1 << (i & 7))) {
        for (let run = u16(); run > 0; run--) {
          const [start, length] = [u16(), u16()]
          for (let row = start; row <= start + length; row++) rows.add(base + row)
        }
      } else if (size <= 4096) {
        for (let item = 0; item < size; item++) rows.add(base + u16())
      } else {
        for (let bit = 0; bit < 65536; bit++) if (bytes[at + (bit >> 3)] & (1 << (bit & 7))) rows.add(base + bit)
        at += 8192
      }
    })
  }
  if (rows.size !== dv.cardinality) throw new Error(`a vector of ${rows.size} rows says ${dv.cardinality}`)
  return rows
}

// ---- Values ----

function timestampText(micros, zone) {
  const [seconds, fraction] = [micros / 1000000n, micros % 1000000n]
  const [whole, part] = fraction < 0n ? [seconds - 1n, fraction + 1000000n] : [seconds, fraction]
  return `${new Date(Number(whole) * 1000).toISOString().slice(0, 19)}.${pad(part, 6)}${zone}`
}

/** @param from scale of the value in the file, where it is another than the type's: the column was widened */
function decimalText(value, type, from) {
  const scale = Number(/,\s*(\d+)\)/.exec(type)[1])
  let number = value
  if (value instanceof Uint8Array) {
    number = 0n
    for (const byte of value) number = number << 8n | BigInt(byte)
    if (value.length && value[0] & 0x80) number -= 1n << BigInt(8 * value.length)
  }
  number = BigInt(number) * 10n ** BigInt(scale - (from ?? scale))
  const digits = pad(number < 0n ? -number : number, scale + 1)
  return `${number < 0n ? '-' : ''}${digits.slice(0, digits.length - scale)}${scale ? `.${digits.slice(-scale)}` : ''}`
}

/** A value of a data file by the table's type; fields are found by their physical names. */
function valueOf(value, type, mapped, scale) {
  if (value == null) return null
  if (type.type === 'struct') return Object.fromEntries(type.fields.map(field => [field.name, valueOf(value[physical(field, mapped)], field.type, mapped)]))
  if (type.type === 'array') return value.map(item => valueOf(item, type.elementType, mapped))
  if (type.type === 'map') {
    const entries = Array.isArray(value) ? value.map(item => [item.key, item.value]) : value instanceof Map ? [...value] : Object.entries(value)
    return Object.fromEntries(entries.map(([key, item]) => [valueOf(key, type.keyType, mapped), valueOf(item, type.valueType, mapped)]))
  }
  if (type.startsWith('decimal')) return decimalText(value, type, scale)
  if (type === 'binary') return Buffer.from(value).toString('hex').toUpperCase()
  if (type === 'date') return new Date(value.days * 86400000).toISOString().slice(0, 10)
  if (type === 'timestamp' || type === 'timestamp_ntz') {
    const micros = value.days === undefined ? value.micros : BigInt(value.days) * 86400000000n
    return timestampText(micros, type === 'timestamp' ? 'Z' : '')
  }
  if (type === 'string') return value instanceof Uint8Array ? Buffer.from(value).toString() : value
  return typeof value === 'bigint' ? new Whole(value) : value
}

/** A number of 64 bits, which JSON has and JavaScript's doubles have not. */
class Whole { constructor(value) { this.value = value } }

function partitionValue(text, type) {
  if (text == null || text === '') return null
  if (type === 'boolean') return text === 'true'
  if (['long', 'integer', 'short', 'byte'].includes(type)) return new Whole(BigInt(text))
  if (type === 'double') return Number(text)
  if (type === 'float') return Math.fround(Number(text))
  if (type === 'binary') return Buffer.from(text, 'utf8').toString('hex').toUpperCase()
  if (type !== 'timestamp' && type !== 'timestamp_ntz') return text
  const [, day, time, fraction = ''] = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.(\d+))?Z?$/.exec(text)
  return `${day}T${time}.${fraction.padEnd(6, '0').slice(0, 6)}${type === 'timestamp' ? 'Z' : ''}`
}

const physical = (field, mapped) => mapped ? field.metadata['delta.columnMapping.physicalName'] : field.name

const print = row => {
  const wholes = []
  const text = JSON.stringify(row, (key, value) => value instanceof Whole ? `\u0000${wholes.push(value.value) - 1}\u0000` : value === Infinity || value === -Infinity || Number.isNaN(value) ? String(value) : value)
  return text.replace(/"\\u0000(\d+)\\u0000"/g, (_, i) => wholes[i].toString())
}

// ---- Rows ----

async function* rowsOf(file, metaData, extra = []) {
  const schema = JSON.parse(metaData.schemaString)
  const mapped = ['name', 'id'].includes(metaData.configuration?.['delta.columnMapping.mode'])
  const path = file.path.startsWith('file:') ? decodeURIComponent(file.path.replace(/^file:\/*/, '/')) : join(table, decodeURIComponent(file.path))
  const { rows, metadata } = await readParquet(path)
  if (mapped) checkIds(schema, metadata, path)
  const scales = Object.fromEntries(metadata.schema.map(element => [element.name, element.scale ?? 0]))
  const deleted = deletedRows(file.deletionVector)
  for (let i = 0; i < rows.length; i++) {
    if (deleted.has(i)) continue
    const row = {}
    for (const field of schema.fields) {
      const name = physical(field, mapped)
      row[field.name] = metaData.partitionColumns.includes(field.name) ? partitionValue(file.partitionValues[name], field.type) : valueOf(rows[i][name], field.type, mapped, scales[name])
    }
    for (const name of extra) row[name] = valueOf(rows[i][name], 'string', false)
    yield row
  }
}

/** Every column of a file with column mapping has the id that the schema gives it. */
function checkIds(schema, metadata, path) {
  const root = metadata.schema[0].num_children
  let at = 1
  const skip = () => { const element = metadata.schema[at++]; for (let i = 0; i < (element.num_children ?? 0); i++) skip(); return element }
  for (let i = 0; i < root; i++) {
    const element = skip()
    const field = schema.fields.find(item => item.metadata['delta.columnMapping.physicalName'] === element.name)
    if (field && element.field_id !== field.metadata['delta.columnMapping.id']) throw new Error(`${path}: column ${element.name} has field id ${element.field_id}, the schema ${field.metadata['delta.columnMapping.id']}`)
  }
}

async function* changes(from, to) {
  for (let version = from; version <= to; version++) {
    const { metaData } = await replay(version, false)
    const actions = lines(join(log, `${pad(version)}.json`))
    const files = actions.filter(action => action.cdc).map(action => action.cdc)
    if (files.length > 0) {
      for (const file of files) for await (const row of rowsOf(file, metaData, ['_change_type'])) yield { ...row, _commit_version: version }
      continue
    }
    const sides = [['add', 'insert'], ['remove', 'delete']]
    for (const [side, kind] of sides) {
      for (const file of actions.filter(action => action[side]?.dataChange).map(action => action[side])) {
        const other = actions.map(action => action[side === 'add' ? 'remove' : 'add']).find(item => item?.path === file.path)
        // A path on both sides differs by its deletion vector only.
        if (other && side === 'add') continue
        if (other) {
          const [before, after] = [deletedRows(file.deletionVector), deletedRows(other.deletionVector)]
          let i = 0
          for await (const row of rowsOf({ ...file, deletionVector: undefined }, metaData)) {
            if (after.has(i) && !before.has(i)) yield { ...row, _change_type: 'delete', _commit_version: version }
            if (!after.has(i) && before.has(i)) yield { ...row, _change_type: 'insert', _commit_version: version }
            i++
          }
          continue
        }
        for await (const row of rowsOf(file, metaData)) yield { ...row, _change_type: kind, _commit_version: version }
      }
    }
  }
}

async function* snapshot() {
  const until = Number(option('--version') ?? Math.max(...versions))
  const state = await replay(until, rest.includes('--checkpoint') || versions[0] !== 0)
  if (!state.metaData || !state.protocol) throw new Error('the log has no metadata or no protocol')
  for (const file of state.files.values()) yield* rowsOf(file, state.metaData)
}

const range = option('--cdf')?.split(':').map(Number)
for await (const row of range ? changes(...range) : snapshot()) process.stdout.write(print(row) + '\n')
