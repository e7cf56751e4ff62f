using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Validation;
using RealTimeMesh.DuckDb;

namespace RealTimeMesh.Polyglot.Tests.DeltaTables;

/// <summary>A temporary table, a DuckDB table <c>o</c> that is told the same, and a reader in JavaScript.</summary>
internal sealed class ReaderFixture : IDisposable
{
    private readonly DuckDbSession _oracle;
    private readonly string _root = Directory.CreateTempSubdirectory("delta-js-").FullName;

    public ReaderFixture()
    {
        var options = new DuckDbOptions { SpillPath = Path.Combine(_root, "spill"), MemoryLimitMiB = 256 };
        _oracle = DuckDbSession.Open(options);
        Table = DeltaTable.At(Path.Combine(_root, "t"), new DeltaTableOptions { Engine = new DuckDbTableEngine(options), CheckpointInterval = 3 }, TimeProvider.System);
    }

    public DeltaTable Table { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Creates both with the rows of a query.</summary>
    public async Task CreateAsync(string sql, IReadOnlyList<string>? partitionBy = null, params (string Name, string Value)[] properties)
    {
        await OracleAsync($"CREATE TABLE o AS {sql}");
        await Table.WriteAsync(new WriteRequest(RowSource.Query(sql)) { PartitionBy = partitionBy ?? [], Properties = properties.ToDictionary(item => item.Name, item => (string?)item.Value) }, Cancel);
    }

    public Task OracleAsync(string sql) => _oracle.ExecuteAsync(sql, Cancel);

    public async Task<Snapshot> SnapshotAsync() => (await Table.GetSnapshotAsync(null, Cancel))!;

    /// <summary>That the reader sees the rows of the oracle, by the commits and, from where there is one, by the checkpoint.</summary>
    public async Task RequireSameAsync(string expectedSql = "SELECT * FROM o")
    {
        var expected = await ExpectedAsync(expectedSql);
        Assert.Equal(expected, await ReadAsync(Table.Path));
        if (Directory.EnumerateFiles(Path.Combine(Table.Path, "_delta_log"), "*.checkpoint.*").Any())
            Assert.Equal(expected, await ReadAsync(Table.Path, "--checkpoint"));
        WrittenTables.Check(_root);
    }

    /// <summary>The rows of a query, in one form and order.</summary>
    public async Task<IReadOnlyList<string>> ExpectedAsync(string sql)
    {
        using var rows = await _oracle.OpenArrowAsync(sql, Cancel);
        var output = new ArrayBufferWriter<byte>();
        await foreach (var batch in rows.ReadAsync(Cancel))
        {
            using (batch)
                new JsonRows(batch.Schema).Write(batch, output);
        }

        return Lines(Encoding.UTF8.GetString(output.WrittenSpan));
    }

    /// <summary>What the reader in JavaScript prints.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(string table, params string[] options)
    {
        var absent = await Clients.AbsentAsync();
        Assert.SkipWhen(absent is not null, absent ?? "");
        return Lines(await Programs.OutputAsync("node", [Path.Combine(Clients.Folder, "delta.mjs"), table, .. options]));
    }

    /// <summary>Rows as texts that are the same where their values are.</summary>
    public static IReadOnlyList<string> Lines(string ndjson) =>
        [.. ndjson.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Canonical(JsonNode.Parse(line))).Order(StringComparer.Ordinal)];

    public void Dispose()
    {
        _oracle.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private static string Canonical(JsonNode? node) => node switch
    {
        JsonObject map => "{" + string.Join(",", map.OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => $"{item.Key}:{Canonical(item.Value)}")) + "}",
        JsonArray list => "[" + string.Join(",", list.Select(Canonical)) + "]",
        null => "null",
        _ when node.GetValueKind() == JsonValueKind.Number => node.AsValue().TryGetValue<long>(out var whole) ? $"{whole}" : node.GetValue<double>() is var number && number == Math.Floor(number) && Math.Abs(number) < 1e15 ? $"{(long)number}" : $"{number:R}",
        _ => node.ToJsonString(),
    };
}
