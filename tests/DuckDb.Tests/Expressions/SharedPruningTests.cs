using System.Text.Json;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DeltaLake.Expressions;
using RealTimeMesh.DuckDb.Tests.Tables;

namespace RealTimeMesh.DuckDb.Tests.Expressions;

/// <summary>Statistics and partition values as other engines wrote them.</summary>
public sealed class SharedPruningTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("dat_multi_partitioned")]
    [InlineData("golden_primitives")]
    [InlineData("golden_nested_struct")]
    [InlineData("golden_deletes_checkpoint")]
    [InlineData("golden_dv_partitioned_checkpoint")]
    [InlineData("golden_timestamp_ntz")]
    [InlineData("golden_decimal")]
    [InlineData("golden_time_travel")]
    [InlineData("golden_type_widening")]
    [InlineData("deltars_cdf_table")]
    [InlineData("trino_uri")]
    [InlineData("trino_partition_values_parsed")]
    [InlineData("trino_liquid_clustering")]
    public async Task A_row_is_found_by_each_of_its_values(string name)
    {
        var folder = SharedTables.Folder(name);
        var engine = new DuckDbTableEngine(new DuckDbOptions());
        var table = DeltaTable.At(Path.Combine(folder, "delta"), new DeltaTableOptions { Engine = engine }, TimeProvider.System);
        var snapshot = (await table.GetSnapshotAsync(null, Cancel))!;
        var asked = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in (await File.ReadAllLinesAsync(Path.Combine(folder, "expected", "rows.jsonl"), Cancel)).Where(line => line.Length > 0).Take(4))
        {
            using var row = JsonDocument.Parse(line);
            foreach (var (path, type, value) in Leaves(snapshot.Schema, row.RootElement, ""))
            {
                foreach (var predicate in Predicates(path, type, value).Where(asked.Add))
                {
                    var resolved = DeltaExpression.Parse(predicate).ResolvePredicate(snapshot.Schema, DateTimeOffset.UnixEpoch);
                    var all = await CountAsync(engine, new ScanRequest(snapshot) { Predicate = resolved });
                    var pruned = await CountAsync(engine, new ScanRequest(snapshot) { Predicate = resolved, Files = FilePruning.Prune(snapshot, resolved).Files });
                    Assert.True(all > 0 && all == pruned, $"{predicate}: {all} rows, {pruned} after pruning");
                }
            }
        }

        Assert.NotEmpty(asked);
    }

    private static async Task<long> CountAsync(DuckDbTableEngine engine, ScanRequest request)
    {
        long rows = 0;
        await foreach (var batch in engine.ScanAsync(request, Cancel))
        {
            using (batch)
                rows += batch.Length;
        }

        return rows;
    }

    private static IEnumerable<(string Path, DeltaType Type, JsonElement Value)> Leaves(StructType schema, JsonElement row, string prefix)
    {
        foreach (var field in schema.Fields)
        {
            if (!row.TryGetProperty(field.Name, out var value))
                continue;
            if (field.Type is StructType inner && value.ValueKind == JsonValueKind.Object)
            {
                foreach (var leaf in Leaves(inner, value, $"{prefix}`{field.Name}`."))
                    yield return leaf;
            }
            else if (field.Type.IsPrimitive && field.Type.Kind != DeltaTypeKind.Void)
            {
                yield return ($"{prefix}`{field.Name}`", field.Type, value);
            }
        }
    }

    private static IEnumerable<string> Predicates(string path, DeltaType type, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return [$"{path} IS NULL"];
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        var literal = type.Kind == DeltaTypeKind.Binary ? $"X'{text}'" : $"CAST('{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}' AS {type.SqlName})";
        return [$"{path} = {literal}", $"{path} >= {literal}", $"{path} <= {literal}", $"{path} IN ({literal})", $"NOT ({path} < {literal})", $"{path} <=> {literal} AND {path} IS NOT NULL"];
    }
}
