using Apache.Arrow;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake;

/// <summary>Rows for an append, an overwrite or a merge. An engine reads them once and keeps them (in memory or spilled) until the operation is over.</summary>
public abstract record RowSource
{
    private RowSource()
    {
    }

    /// <summary>Arrow batches, read as they come. The reader disposes them.</summary>
    public static RowSource Arrow(Schema schema, IAsyncEnumerable<RecordBatch> batches) => new ArrowSource(schema, batches);

    /// <summary>Batches of columns, such as decoders fill.</summary>
    public static RowSource Columns(RowSchema schema, IReadOnlyList<ColumnBatch> batches) => new ColumnSource(schema, batches);

    /// <summary>Parquet files; paths may have <c>*</c> and <c>**</c>.</summary>
    public static RowSource Parquet(params IReadOnlyList<string> paths) => new FileSource(paths, FileFormat.Parquet);

    /// <summary>CSV files with a header; types are found by looking at the values.</summary>
    public static RowSource Csv(params IReadOnlyList<string> paths) => new FileSource(paths, FileFormat.Csv);

    /// <summary>A query in the engine's SQL over snapshots by name, such as <c>SELECT … FROM new_rows</c>.</summary>
    public static RowSource Query(string sql, IReadOnlyDictionary<string, Snapshot>? tables = null) => new QuerySource(sql, tables ?? new Dictionary<string, Snapshot>());

    /// <summary>The rows of a Delta snapshot.</summary>
    public static RowSource Table(Snapshot snapshot) => new TableSource(snapshot);

    /// <summary>See <see cref="Arrow(Schema, IAsyncEnumerable{RecordBatch})"/>.</summary>
    public sealed record ArrowSource(Schema Schema, IAsyncEnumerable<RecordBatch> Batches) : RowSource;

    /// <summary>See <see cref="Columns"/>.</summary>
    public sealed record ColumnSource(RowSchema Schema, IReadOnlyList<ColumnBatch> Batches) : RowSource;

    /// <summary>See <see cref="Parquet"/> and <see cref="Csv"/>.</summary>
    public sealed record FileSource(IReadOnlyList<string> Paths, FileFormat Format) : RowSource;

    /// <summary>See <see cref="Query"/>.</summary>
    public sealed record QuerySource(string Sql, IReadOnlyDictionary<string, Snapshot> Tables) : RowSource;

    /// <summary>See <see cref="Table"/>.</summary>
    public sealed record TableSource(Snapshot Snapshot) : RowSource;
}

/// <summary>Formats of source files.</summary>
public enum FileFormat
{
    Parquet,
    Csv,
}
