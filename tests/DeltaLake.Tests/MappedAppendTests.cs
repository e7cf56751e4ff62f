using System.Text.Json;
using Parquet;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake.Tests.Constraints;

namespace RealTimeMesh.DeltaLake.Tests;

public sealed class MappedAppendTests : IDisposable
{
    private readonly TableFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_of_a_mapped_table_have_physical_names_field_ids_and_the_protocols_types()
    {
        var snapshot = Mapped([
            ("p", PrimitiveType.String), ("tiny", PrimitiveType.Byte), ("small", PrimitiveType.Short), ("int", PrimitiveType.Integer), ("long", PrimitiveType.Long), ("float", PrimitiveType.Float),
            ("at", PrimitiveType.Timestamp), ("local", PrimitiveType.TimestampNtz), ("day", PrimitiveType.Date), ("d9", new DecimalType(9, 2)), ("d18", new DecimalType(18, 2)), ("d38", new DecimalType(38, 2)), ("nothing", PrimitiveType.Void),
        ]);
        var rows = new ColumnBatch(new RowSchema([
            new("p", FieldType.String, true), new("tiny", FieldType.Int32, true), new("small", FieldType.Int32, true), new("int", FieldType.Int32, true), new("long", FieldType.Int32, true), new("float", FieldType.Float32, true),
            new("at", FieldType.Timestamp, true), new("local", FieldType.Timestamp, true), new("day", FieldType.Date, true), Decimal("d9", 9), Decimal("d18", 18), Decimal("d38", 38),
        ]));
        for (var i = 0; i < rows.Columns.Count; i++)
        {
            switch (rows.Columns[i])
            {
                case StringColumn column:
                    column.Append("a b");
                    break;
                case Int64Column column:
                    column.Append(column.Field.Type == FieldType.Timestamp ? 1_704_164_645_123_456 : 100 + i);
                    break;
                case Float64Column column:
                    column.Append(0.1f);
                    break;
                default:
                    ((DecimalColumn)rows.Columns[i]).Append(12.34m);
                    break;
            }
        }

        var file = Assert.Single(await _fixture.Open().WriteFilesAsync(snapshot, [rows], Token));
        Assert.Equal(new KeyValuePair<string, string?>("col-p", "a b"), Assert.Single(file.PartitionValues));
        var path = Path.Combine(_fixture.TablePath, file.Path);
        await using var reader = await ParquetReader.CreateAsync(path, cancellationToken: Token);
        var elements = reader.Metadata!.Schema.Skip(1).ToDictionary(element => element.Name);
        Assert.Equal(["col-tiny", "col-small", "col-int", "col-long", "col-float", "col-at", "col-local", "col-day", "col-d9", "col-d18", "col-d38"], elements.Keys);
        Assert.Equal(Enumerable.Range(2, 11).Select(id => (int?)id), elements.Values.Select(element => element.FieldId));
        Assert.Equal((Parquet.Meta.Type.INT64, true, true), (elements["col-at"].Type, elements["col-at"].LogicalType!.TIMESTAMP!.IsAdjustedToUTC, elements["col-at"].LogicalType!.TIMESTAMP!.Unit.MICROS is not null));
        Assert.Equal((Parquet.Meta.Type.INT64, false), (elements["col-local"].Type, elements["col-local"].LogicalType!.TIMESTAMP!.IsAdjustedToUTC));
        Assert.Equal([Parquet.Meta.Type.INT32, Parquet.Meta.Type.INT64, Parquet.Meta.Type.FIXED_LEN_BYTE_ARRAY], new[] { "d9", "d18", "d38" }.Select(name => elements["col-" + name].Type));
        Assert.Equal((8, 16), (elements["col-tiny"].LogicalType!.INTEGER!.BitWidth, elements["col-small"].LogicalType!.INTEGER!.BitWidth));
        var read = TableFixture.Query($"select \"col-tiny\", \"col-small\", \"col-long\", \"col-local\", \"col-d38\"::varchar, typeof(\"col-tiny\"), typeof(\"col-local\"), epoch_us(\"col-at\") from read_parquet('{path.Replace("'", "''", StringComparison.Ordinal)}', hive_partitioning=false)")[0];
        Assert.Equal([(sbyte)101, (short)102, 104L, new DateTime(2024, 1, 2, 3, 4, 5, 123, 456), "12.34", "TINYINT", "TIMESTAMP", 1_704_164_645_123_456L], read);
        using var stats = JsonDocument.Parse(file.Stats!);
        Assert.Equal("2024-01-02T03:04:05.124", stats.RootElement.GetProperty("maxValues").GetProperty("col-local").GetString());
        Assert.Equal("2024-01-02T03:04:05.123Z", stats.RootElement.GetProperty("minValues").GetProperty("col-at").GetString());
        Assert.Equal(101, stats.RootElement.GetProperty("minValues").GetProperty("col-tiny").GetInt32());
    }

    [Theory]
    [InlineData(null, null, 32)]
    [InlineData("delta.dataSkippingNumIndexedCols", "3", 3)]
    [InlineData("delta.dataSkippingNumIndexedCols", "-1", 40)]
    [InlineData("delta.dataSkippingNumIndexedCols", "0", 0)]
    [InlineData("delta.dataSkippingStatsColumns", "c39, `c5`", 2)]
    public async Task The_table_says_which_columns_have_statistics(string? property, string? value, int expected)
    {
        var fields = Enumerable.Range(0, 40).Select(i => WriteRulesTests.Field($"c{i}", PrimitiveType.Long)).ToArray();
        var snapshot = new Snapshot
        {
            Version = 0,
            Schema = new StructType(fields),
            PartitionColumns = [],
            Files = [],
            Transactions = new Dictionary<string, long>(),
            Timestamp = 0,
            Table = _fixture.TablePath,
            Configuration = property is null ? new Dictionary<string, string?>() : new Dictionary<string, string?> { [property] = value },
        };
        var file = Assert.Single(await _fixture.Open().WriteFilesAsync(snapshot, [WriteRulesTests.Rows([.. fields.Select(field => (field.Name, FieldType.Int64, new object?[] { 1L }))])], Token));
        using var stats = JsonDocument.Parse(file.Stats!);
        Assert.Equal(expected, stats.RootElement.GetProperty("minValues").EnumerateObject().Count());
        Assert.Equal(expected, stats.RootElement.GetProperty("nullCount").EnumerateObject().Count());
    }

    [Fact]
    public async Task A_file_of_another_engine_is_described_with_nested_columns_by_their_physical_names()
    {
        Directory.CreateDirectory(_fixture.TablePath);
        TableFixture.Query($$"""copy (select {'x': i, 'y': case when i % 2 = 0 then 'even' end} as "col-s", [i] as "col-l", i::tinyint as "col-t", timestamp '2024-01-01 00:00:00.0005' as "col-ntz", 12345678901234567890123456789012345.67::decimal(38,2) as "col-d" from range(1, 5) r(i)) to '{{Path.Combine(_fixture.TablePath, "f.parquet")}}' (format parquet, field_ids {'col-s': {__duckdb_field_id: 1, 'x': 100, 'y': 101}, 'col-l': 2, 'col-t': 3, 'col-ntz': 4, 'col-d': 5})""");
        var inner = new StructType([Renamed("x", PrimitiveType.Long, "x"), Renamed("y", PrimitiveType.String, "y"), Renamed("later", PrimitiveType.Long, "z")]);
        var snapshot = Mapped([("s", inner), ("l", new ArrayType(PrimitiveType.Long, true)), ("t", PrimitiveType.Byte), ("ntz", PrimitiveType.TimestampNtz), ("d", new DecimalType(38, 2))], partition: null);
        var file = await _fixture.Open().DescribeFileAsync("f.parquet", snapshot, new Dictionary<string, string?>(), Token);
        Assert.Equal("""
            {"numRecords":4,"minValues":{"col-s":{"x":1,"y":"even"},"col-t":1,"col-ntz":"2024-01-01T00:00:00.000","col-d":12345678901234567890123456789012345.67},"maxValues":{"col-s":{"x":4,"y":"even"},"col-t":4,"col-ntz":"2024-01-01T00:00:00.001","col-d":12345678901234567890123456789012345.67},"nullCount":{"col-s":{"x":0,"y":2,"z":4},"col-t":0,"col-ntz":0,"col-d":0}}
            """.Trim(), file.Stats);
    }

    [Theory]
    [InlineData("select 1 as \"col-s\"", "found field id none; expected 1")]
    [InlineData("select 1 as s", "has a column 's', which is no physical name")]
    public async Task A_file_that_no_reader_of_a_mapped_table_would_understand_is_refused(string query, string message)
    {
        Directory.CreateDirectory(_fixture.TablePath);
        TableFixture.Query($"copy ({query}) to '{Path.Combine(_fixture.TablePath, "f.parquet")}'");
        var fault = await Assert.ThrowsAsync<DeltaException>(() => _fixture.Open().DescribeFileAsync("f.parquet", Mapped([("s", PrimitiveType.Integer)], partition: null), new Dictionary<string, string?>(), Token));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _fixture.Dispose();

    private static Field Decimal(string name, int precision) => new(name, FieldType.Decimal, true) { Precision = precision, Scale = 2 };

    private static SchemaField Renamed(string name, DeltaType type, string physical, int id = 100) => new(name, type, true)
    {
        Metadata = new Dictionary<string, JsonElement> { ["delta.columnMapping.id"] = JsonSerializer.SerializeToElement(id), ["delta.columnMapping.physicalName"] = JsonSerializer.SerializeToElement(physical) },
    };

    private Snapshot Mapped((string Name, DeltaType Type)[] fields, string? partition = "p") => new()
    {
        Version = 0,
        Schema = new StructType([.. fields.Select((field, i) => Renamed(field.Name, field.Type, "col-" + field.Name, i + 1))]),
        PartitionColumns = partition is null ? [] : [partition],
        Files = [],
        Transactions = new Dictionary<string, long>(),
        Timestamp = 0,
        Table = _fixture.TablePath,
        Configuration = new Dictionary<string, string?> { ["delta.columnMapping.mode"] = "name" },
    };
}
