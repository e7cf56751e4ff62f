using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tests.Tables;

/// <summary>A Delta table put together by hand, as another engine may have written it: files by DuckDB, the log as text.</summary>
internal sealed class HandMadeTable : IDisposable
{
    private static long _counter;
    private readonly DuckDbSession _session = DuckDbSession.Open(new DuckDbOptions());
    private long _version;

    public HandMadeTable()
    {
        Folder = Path.Combine(Path.GetTempPath(), $"mesh-table-{Environment.ProcessId}-{Interlocked.Increment(ref _counter)}");
        Directory.CreateDirectory(Path.Combine(Folder, "_delta_log"));
    }

    public string Folder { get; }

    public DeltaTable Table => DeltaTable.At(Folder, new DeltaTableOptions { Engine = new DuckDbTableEngine(new DuckDbOptions()) }, TimeProvider.System);

    /// <summary>A field of a schema; <paramref name="type"/> is a name, or JSON of a nested type.</summary>
    public static string Field(string name, string type, int? id = null, string? physical = null, string extra = "")
    {
        var metadata = id is null ? extra : FormattableString.Invariant($"\"delta.columnMapping.id\":{id},\"delta.columnMapping.physicalName\":\"{physical}\"");
        return $"{{\"name\":\"{name}\",\"type\":{(type.StartsWith('{') ? type : $"\"{type}\"")},\"nullable\":true,\"metadata\":{{{metadata}}}}}";
    }

    public static string Struct(params string[] fields) => $"{{\"type\":\"struct\",\"fields\":[{string.Join(",", fields)}]}}";

    public static string Array(string element) => $"{{\"type\":\"array\",\"elementType\":{(element.StartsWith('{') ? element : $"\"{element}\"")},\"containsNull\":true}}";

    public static string Map(string key, string value) =>
        $"{{\"type\":\"map\",\"keyType\":{(key.StartsWith('{') ? key : $"\"{key}\"")},\"valueType\":{(value.StartsWith('{') ? value : $"\"{value}\"")},\"valueContainsNull\":true}}";

    /// <summary>The first actions of a table: a protocol with reader features and the metadata.</summary>
    public static string[] Create(string schema, string[]? partitionBy = null, string[]? features = null, Dictionary<string, string>? properties = null) =>
    [
        JsonSerializer.Serialize(new { protocol = new { minReaderVersion = 3, minWriterVersion = 7, readerFeatures = features ?? [], writerFeatures = features ?? [] } }),
        Metadata(schema, partitionBy, properties),
    ];

    public static string Metadata(string schema, string[]? partitionBy = null, Dictionary<string, string>? properties = null) =>
        JsonSerializer.Serialize(new { metaData = new { id = "t", format = new { provider = "parquet", options = new { } }, schemaString = schema, partitionColumns = partitionBy ?? [], configuration = properties ?? [] } });

    public static string Add(string path, Dictionary<string, string?>? partition = null, DeletionVectorDescriptor? vector = null, bool dataChange = true) =>
        JsonSerializer.Serialize(new { add = File(path, partition, vector, dataChange) }, s_noNulls).Replace("\"\\u0000null\"", "null", StringComparison.Ordinal);

    public static string Remove(string path, Dictionary<string, string?>? partition = null, DeletionVectorDescriptor? vector = null, bool dataChange = true) =>
        JsonSerializer.Serialize(new { remove = File(path, partition, vector, dataChange) }, s_noNulls).Replace("\"\\u0000null\"", "null", StringComparison.Ordinal);

    public static string Change(string path, Dictionary<string, string?>? partition = null) => JsonSerializer.Serialize(new { cdc = File(path, partition, null, false) }, s_noNulls);

    /// <summary>Writes a data file with the rows of a query; <paramref name="options"/> are those of COPY.</summary>
    public async Task WriteAsync(string path, string sql, string options = "")
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Folder, path))!);
        await _session.ExecuteAsync($"COPY ({sql}) TO {SqlText.Literal(Path.Combine(Folder, path))} (FORMAT PARQUET{options})", TestContext.Current.CancellationToken);
    }

    public void Commit(params string[] actions) =>
        System.IO.File.WriteAllLines(Path.Combine(Folder, "_delta_log", (_version++).ToString("D20", CultureInfo.InvariantCulture) + ".json"), actions);

    /// <summary>The table's rows as lines of JSON, in order.</summary>
    public Task<IReadOnlyList<string>> RowsAsync(ReadOptions? options = null) => LinesAsync(Table.ReadAsync(options, TestContext.Current.CancellationToken));

    public Task<IReadOnlyList<string>> ChangesAsync(long from, long? to) => LinesAsync(Table.ReadChangesAsync(from, to, TestContext.Current.CancellationToken));

    public static async Task<IReadOnlyList<string>> LinesAsync(IAsyncEnumerable<Apache.Arrow.RecordBatch> batches)
    {
        var output = new ArrayBufferWriter<byte>();
        JsonRows? json = null;
        await foreach (var batch in batches)
        {
            using (batch)
                (json ??= new JsonRows(batch.Schema)).Write(batch, output);
        }

        return [.. Encoding.UTF8.GetString(output.WrittenSpan).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
    }

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static readonly JsonSerializerOptions s_noNulls = new() { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    private static object File(string path, Dictionary<string, string?>? partition, DeletionVectorDescriptor? vector, bool dataChange) => new
    {
        path = string.Join('/', path.Split('/').Select(Uri.EscapeDataString)),
        partitionValues = (partition ?? []).ToDictionary(item => item.Key, item => item.Value ?? "\0null"),
        size = 1,
        modificationTime = 0,
        dataChange,
        extendedFileMetadata = true,
        deletionVector = vector is null ? null : new { storageType = vector.StorageType, pathOrInlineDv = vector.PathOrInlineDv, offset = vector.Offset, sizeInBytes = vector.SizeInBytes, cardinality = vector.Cardinality },
    };
}
