using System.Buffers;
using Avro.Generic;
using Avro.IO;
using RealTimeMesh.Contracts;
using Schema = Avro.Schema;

namespace RealTimeMesh.Contracts.Tests;

/// <summary>Golden data from another implementation: the Apache library reads what we write and writes what we read.</summary>
public sealed class ApacheAvroTests
{
    // Without logical types, whose .NET forms of the other library lose what is compared here.
    private const string Plain = """
        {"type":"record","name":"Plain","fields":[
          {"name":"flag","type":"boolean"},
          {"name":"small","type":"int"},
          {"name":"big","type":["null","long"]},
          {"name":"single","type":"float"},
          {"name":"wide","type":["double","null"]},
          {"name":"raw","type":"bytes"},
          {"name":"text","type":["null","string"]},
          {"name":"side","type":{"type":"enum","name":"Side","symbols":["BUY","SELL"]}},
          {"name":"hash","type":{"type":"fixed","name":"Hash","size":4}}]}
        """;

    [Fact]
    public void Apache_reader_reads_what_the_contract_writes()
    {
        var random = new Random(11);
        var contract = AvroContract.Parse(Plain);
        var schema = Schema.Parse(Plain);
        var reader = new GenericDatumReader<GenericRecord>(schema, schema);
        var batch = new ColumnBatch(contract.Rows);
        var buffer = new ArrayBufferWriter<byte>();
        for (var row = 0; row < 300; row++)
        {
            SampleContracts.AppendRandom(batch, random);
            buffer.ResetWrittenCount();
            contract.Encode(batch, row, buffer);
            using var stream = new MemoryStream(buffer.WrittenSpan.ToArray());
            var record = reader.Read(null!, new BinaryDecoder(stream));

            Assert.Equal(stream.Length, stream.Position);
            foreach (var column in batch.Columns)
                Assert.Equal(column.GetValue(row), Ours(record[column.Field.Name]));
        }
    }

    [Fact]
    public void Contract_reads_what_the_Apache_writer_writes()
    {
        var random = new Random(12);
        var contract = AvroContract.Parse(Plain);
        var schema = (Avro.RecordSchema)Schema.Parse(Plain);
        var writer = new GenericDatumWriter<GenericRecord>(schema);
        var expected = new ColumnBatch(contract.Rows);
        var actual = new ColumnBatch(contract.Rows);
        for (var row = 0; row < 300; row++)
        {
            SampleContracts.AppendRandom(expected, random);
            var record = new GenericRecord(schema);
            foreach (var column in expected.Columns)
                record.Add(column.Field.Name, Theirs(schema, column, row));

            using var stream = new MemoryStream();
            writer.Write(record, new BinaryEncoder(stream));
            Assert.True(contract.TryDecode(stream.ToArray(), actual, out var error), error);
            for (var c = 0; c < expected.Columns.Count; c++)
                Assert.Equal(expected.Columns[c].GetValue(row), actual.Columns[c].GetValue(row));
        }
    }

    [Fact]
    public void Logical_types_mean_the_same_to_the_Apache_library()
    {
        const string json = """
            {"type":"record","name":"Logical","fields":[
              {"name":"day","type":{"type":"int","logicalType":"date"}},
              {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
              {"name":"exact","type":{"type":"long","logicalType":"timestamp-micros"}},
              {"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":20,"scale":3}}]}
            """;
        var contract = AvroContract.Parse(json);
        var batch = new ColumnBatch(contract.Rows);
        var row = """{"day":"2001-03-04","at":"2001-03-04T05:06:07.089Z","exact":"2001-03-04T07:06:07.123456+02:00","price":-12345678901234567.891}"""u8;
        Assert.True(new JsonRowReader(contract.Rows).TryRead(row, batch, out var fault), fault.ToString());
        var buffer = new ArrayBufferWriter<byte>();
        contract.Encode(batch, 0, buffer);
        var schema = Schema.Parse(json);

        var record = new GenericDatumReader<GenericRecord>(schema, schema).Read(null!, new BinaryDecoder(new MemoryStream(buffer.WrittenSpan.ToArray())));

        Assert.Equal(new DateTime(2001, 3, 4), record["day"]);
        Assert.Equal(new DateTime(2001, 3, 4, 5, 6, 7, 89, DateTimeKind.Utc), record["at"]);
        Assert.Equal(new DateTime(2001, 3, 4, 5, 6, 7, DateTimeKind.Utc).AddTicks(1_234_560), record["exact"]);
        Assert.Equal("-12345678901234567.891", record["price"].ToString());
    }

    private static object? Ours(object? value) => value switch
    {
        int number => (long)number,
        float number => (double)number,
        GenericEnum symbol => symbol.Value,
        GenericFixed bytes => bytes.Value,
        _ => value,
    };

    private static object? Theirs(Avro.RecordSchema schema, Column column, int row)
    {
        var value = column.GetValue(row);
        var type = schema[column.Field.Name].Schema;
        return (type, column.Field.Type, value) switch
        {
            (Avro.EnumSchema symbols, _, string text) => new GenericEnum(symbols, text),
            (Avro.FixedSchema sized, _, byte[] bytes) => new GenericFixed(sized, bytes),
            (_, FieldType.Int32, long number) => (int)number,
            (_, FieldType.Float32, double number) => (float)number,
            _ => value,
        };
    }
}
