using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb.Sources;
using RealTimeMesh.DuckDb.Tables;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>The source of an operation in a session: a relation that can be read again and again.</summary>
internal sealed class SourceRows
{
    /// <summary>Number of a source row, in <see cref="StageAsync"/>'s table.</summary>
    public const string RowColumn = "__src";

    private readonly DuckDbSession _session;
    private readonly HashSet<string> _tables;
    private string? _staged;

    private SourceRows(DuckDbSession session, string relation, StructType schema, HashSet<string> tables) => (_session, Relation, Schema, _tables) = (session, relation, schema, tables);

    /// <summary>Name of the view or table.</summary>
    public string Relation { get; }

    public StructType Schema { get; }

    public static async Task<SourceRows> OpenAsync(DuckDbSession session, RowSource source, CancellationToken cancellationToken)
    {
        var name = session.NextName("source");
        switch (source)
        {
            case RowSource.ArrowSource arrow:
                await ArrowImport.CreateTableAsync(session, name, new BatchStream(arrow.Schema, arrow.Batches.GetAsyncEnumerator(cancellationToken)), cancellationToken);
                break;
            case RowSource.ColumnSource columns:
                await ArrowImport.CreateTableAsync(session, name, ColumnArrow.Stream(columns.Schema, columns.Batches), cancellationToken);
                break;
            default:
                await session.ExecuteAsync($"CREATE TEMP VIEW {name} AS {await QueryOfAsync(session, source, cancellationToken)}", cancellationToken);
                break;
        }

        var found = await session.DescribeAsync($"SELECT * FROM {name}", cancellationToken);
        var schema = new StructType([.. found.Select(column => new SchemaField(column.Name, TypeText.Parse(column.Name, column.Type), true))]);
        var relation = await TypedAsync(session, name, found, schema, cancellationToken);
        // Nothing else has been done in the session: its tables are the source's.
        var tables = await session.RowsAsync("SELECT table_name FROM duckdb_tables() WHERE temporary", cancellationToken);
        return new SourceRows(session, relation, schema, [.. tables.Select(row => (string)row[0]!)]);
    }

    /// <summary>Whether a table of the session holds rows of the source.</summary>
    public bool Uses(string table) => table == _staged || _tables.Contains(table);

    /// <summary>The rows in a table of their own, numbered: a query could give other rows when it is read again.</summary>
    public async Task<string> StageAsync(CancellationToken cancellationToken)
    {
        if (_staged is not null)
            return _staged;
        if (Schema.Find(RowColumn) is not null)
            throw new DuckDbFaultException($"the source has a column '{RowColumn}'; expected another name: it is used for the number of a row; rename it.");
        var name = _session.NextName("rows");
        await _session.ExecuteAsync($"CREATE TEMP TABLE {name} AS SELECT *, row_number() OVER () AS {RowColumn} FROM {Relation}", cancellationToken);
        return _staged = name;
    }

    /// <summary>The rows in the types that tables have: DuckDB's unsigned and huge integers, enumerations and others have none of their own.</summary>
    private static async Task<string> TypedAsync(DuckDbSession session, string name, IReadOnlyList<QueryColumn> found, StructType schema, CancellationToken cancellationToken)
    {
        var types = schema.Fields.Select(field => ColumnSql.TypeOf(field.Type)).ToList();
        if (found.Zip(types).All(pair => pair.First.Type == pair.Second || (pair.First.Type == "TIMESTAMP WITH TIME ZONE" && pair.Second == "TIMESTAMPTZ")))
            return name;
        var typed = session.NextName("source");
        var columns = found.Zip(types).Select(pair => $"CAST({SqlText.Identifier(pair.First.Name)} AS {pair.Second}) AS {SqlText.Identifier(pair.First.Name)}");
        await session.ExecuteAsync($"CREATE TEMP VIEW {typed} AS SELECT {string.Join(", ", columns)} FROM {name}", cancellationToken);
        return typed;
    }

    private static async Task<string> QueryOfAsync(DuckDbSession session, RowSource source, CancellationToken cancellationToken)
    {
        switch (source)
        {
            case RowSource.FileSource { Format: FileFormat.Parquet } files:
                return $"SELECT * FROM read_parquet({SqlText.List(files.Paths)}, union_by_name=true)";
            case RowSource.FileSource files:
                return $"SELECT * FROM read_csv({SqlText.List(files.Paths)}, header=true, sample_size=-1, union_by_name=true)";
            case RowSource.TableSource table:
                return (await session.PrepareScanAsync(table.Snapshot.Table, table.Snapshot, table.Snapshot.Files, cancellationToken)).Sql;
            case RowSource.QuerySource query:
                foreach (var (name, snapshot) in query.Tables)
                    await session.RegisterSnapshotAsync(name, snapshot.Table, snapshot, null, cancellationToken);
                return query.Sql.Trim().TrimEnd(';');
            default:
                throw new DuckDbFaultException($"rows of {source.GetType().Name} cannot be read; expected a source of RowSource");
        }
    }
}
