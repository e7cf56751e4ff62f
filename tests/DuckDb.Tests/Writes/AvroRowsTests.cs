using Apache.Arrow;
using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.Columnar;
using RealTimeMesh.Contracts.Values;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tests.Writes;

/// <summary>Avro events with parts go into Delta tables as columns with parts.</summary>
public sealed class AvroRowsTests
{
    private const string Schema = """
        {"type":"record","name":"R","fields":[
          {"name":"id","type":"long"},
          {"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":12,"scale":2}},
          {"name":"at","type":["null",{"type":"long","logicalType":"timestamp-micros"}]},
          {"name":"lines","type":{"type":"array","items":{"type":"record","name":"L","fields":[{"name":"s","type":"string"},{"name":"q","type":["null","int"]}]}}},
          {"name":"tags","type":{"type":"map","values":"string"}}]}
        """;

    [Fact]
    public async Task Structs_lists_and_maps_of_Avro_are_rows_of_a_table()
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT CAST(0 AS BIGINT) AS id, CAST(1.5 AS DECIMAL(12,2)) AS price, TIMESTAMPTZ '2026-01-01' AS at, [struct_pack(s := 'x', q := CAST(1 AS INTEGER))] AS lines, MAP {'k': 'v'} AS tags");
        var schema = (AvroRecord)AvroSchema.Parse(Schema);
        var line = (AvroRecord)((AvroArray)schema.Fields[3].Schema).Items;
        var builder = new ArrowBatchBuilder(schema);
        var rows = builder.Resolve(schema);
        var writer = AvroCodec.Writer<object?>(schema);
        foreach (var id in (long[])[1, 2])
        {
            var value = new AvroRecordValue(schema)
            {
                ["id"] = id,
                ["price"] = new byte[] { 0xFF, 0x85 },
                ["at"] = id == 1 ? null : 1_767_225_600_000_001L,
                ["lines"] = Enumerable.Range(0, (int)id).Select(i => (object?)new AvroRecordValue(line) { ["s"] = "ü", ["q"] = i == 0 ? null : i }).ToList(),
                ["tags"] = new Dictionary<string, object?> { ["a"] = "b" },
            };
            Assert.True(rows.TryAppend(writer.Write(value), out var error), error);
        }

        await fixture.Table.AppendAsync(RowSource.Arrow(builder.Schema, new[] { builder.Build() }.ToAsyncEnumerable()), TestContext.Current.CancellationToken);

        Assert.Equal(
            ["0 | 1.50 | 1 | x | k", "1 | -1.23 | 1 | ü | a", "2 | -1.23 | 2 | ü | a"],
            await fixture.RowsAsync("id, price, len(lines), lines[1].s, map_keys(tags)[1]"));
    }
}
