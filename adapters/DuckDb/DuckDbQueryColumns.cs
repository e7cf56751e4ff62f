using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.DuckDb;

/// <summary>Binds queries in DuckDB against empty tables. For one caller at a time.</summary>
public sealed class DuckDbQueryColumns : IQueryColumns, IDisposable
{
    private readonly DuckDbSession _session = DuckDbSession.Open(new DuckDbOptions { MemoryLimitMiB = 256, Threads = 1 });
    private readonly HashSet<string> _references = new(StringComparer.Ordinal);

    public async Task<(RowSchema? Columns, string? Error)> DescribeAsync(
        string sql, IReadOnlyDictionary<string, RowSchema> tables, IReadOnlyList<ReferenceDefinition> references, CancellationToken cancellationToken)
    {
        foreach (var reference in references.Where(reference => _references.Add($"{reference.Name}\n{reference.File}")))
            await _session.RegisterCsvAsync(reference.Name, reference.File, cancellationToken);

        foreach (var (name, schema) in tables)
        {
            var columns = string.Join(", ", schema.Fields.Select(field => $"{SqlText.Identifier(field.Name)} {TypeOf(field)}"));
            var parts = name.Split('.', 2);
            await _session.ExecuteAsync($"CREATE SCHEMA IF NOT EXISTS {SqlText.Identifier(parts[0])}; CREATE OR REPLACE TABLE {string.Join('.', parts.Select(SqlText.Identifier))} ({columns})", cancellationToken);
        }

        try
        {
            var found = await _session.DescribeAsync(sql, cancellationToken);
            return (new RowSchema([.. found.Select(column => DuckDbTypes.FieldOf("query", column.Name, column.Type))]), null);
        }
        catch (DuckDbFaultException e)
        {
            return (null, e.Message.Split('\n')[0]);
        }
    }

    public void Dispose() => _session.Dispose();

    /// <summary>A timestamp is an instant, as in Delta.</summary>
    private static string TypeOf(Field field) => field.Type switch
    {
        FieldType.Boolean => "BOOLEAN",
        FieldType.Int32 => "INTEGER",
        FieldType.Int64 => "BIGINT",
        FieldType.Float32 => "FLOAT",
        FieldType.Float64 => "DOUBLE",
        FieldType.Bytes => "BLOB",
        FieldType.Date => "DATE",
        FieldType.Timestamp => "TIMESTAMPTZ",
        FieldType.Decimal => FormattableString.Invariant($"DECIMAL({field.Precision},{field.Scale})"),
        _ => "VARCHAR",
    };
}
