using System.Text;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb;

/// <summary>Makes Delta snapshots and reference files readable by name in a session.</summary>
public static class SnapshotViews
{
    /// <summary>
    /// Registers a snapshot of the table in <paramref name="tablePath"/> under a name such as <c>bronze.departures</c>;
    /// <paramref name="files"/> restricts it to some of its files. Registering a name again replaces it.
    /// </summary>
    public static async Task RegisterSnapshotAsync(this DuckDbSession session, string name, string tablePath, Snapshot snapshot, IReadOnlyList<AddFile>? files, CancellationToken cancellationToken)
    {
        var sql = RowsOf(tablePath, snapshot, files ?? snapshot.Files);
        await session.ExecuteAsync($"{CreateSchema(name)}CREATE OR REPLACE VIEW {Quote(name)} AS {sql}", cancellationToken);
    }

    /// <summary>Registers a CSV file with a header as a table of a name; column types are found by DuckDB.</summary>
    public static async Task RegisterCsvAsync(this DuckDbSession session, string name, string file, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
            throw new DuckDbFaultException($"reference {name}: found no file '{file}'; expected a CSV file with a header; correct its path in pipeline.yaml.");
        await session.ExecuteAsync(
            $"{CreateSchema(name)}CREATE OR REPLACE TABLE {Quote(name)} AS SELECT * FROM read_csv({SqlText.Literal(file)}, header=true, sample_size=-1)", cancellationToken);
    }

    /// <summary>A query for the rows of data files: all columns of the snapshot's schema, partition columns from the log.</summary>
    public static string RowsOf(string tablePath, Snapshot snapshot, IReadOnlyList<AddFile> files, bool withFileName = false)
    {
        var schema = snapshot.RowSchema;
        var partitions = snapshot.PartitionColumns;
        var stored = schema.Fields.Where(field => !partitions.Contains(field.Name)).ToList();
        // A file may lack columns that were added later: the empty first branch names and types them all.
        var sql = new StringBuilder("SELECT ").Append(string.Join(", ", stored.Select(NullOf)));
        foreach (var partition in partitions)
            sql.Append(stored.Count == 0 && partition == partitions[0] ? "" : ", ").Append(NullOf(schema.Fields[schema.IndexOf(partition)]));
        if (withFileName)
            sql.Append(", NULL::VARCHAR AS filename");
        sql.Append(" WHERE false");

        foreach (var group in files.GroupBy(file => string.Join('\u0001', partitions.Select(column => file.PartitionValues.GetValueOrDefault(column) ?? "\u0000"))))
        {
            // The folder names of a partitioned table are no source of values (hive_partitioning=false): the log is.
            sql.Append(" UNION ALL BY NAME SELECT *");
            foreach (var partition in partitions)
                sql.Append(", ").Append(ValueOf(schema.Fields[schema.IndexOf(partition)], group.First().PartitionValues.GetValueOrDefault(partition)));
            sql.Append(" FROM read_parquet(").Append(SqlText.List(group.Select(file => PathOf(tablePath, file))))
                .Append(", union_by_name=true, hive_partitioning=false").Append(withFileName ? ", filename=true" : "").Append(')');
        }

        var columns = SqlText.Identifiers(schema.Fields.Select(field => field.Name));
        return $"SELECT {columns}{(withFileName ? ", filename" : "")} FROM ({sql})";
    }

    /// <summary>Where a data file lies.</summary>
    public static string PathOf(string tablePath, AddFile file) => Path.GetFullPath(Path.Combine(tablePath, file.Path));

    internal static string Quote(string name) => string.Join('.', name.Split('.', 2).Select(SqlText.Identifier));

    private static string CreateSchema(string name) =>
        name.Contains('.', StringComparison.Ordinal) ? $"CREATE SCHEMA IF NOT EXISTS {SqlText.Identifier(name.Split('.', 2)[0])}; " : "";

    private static string NullOf(Field field) => $"CAST(NULL AS {DuckDbTypes.NameOf(field)}) AS {SqlText.Identifier(field.Name)}";

    private static string ValueOf(Field field, string? value) =>
        $"CAST({(value is null ? "NULL" : SqlText.Literal(value))} AS {DuckDbTypes.NameOf(field)}) AS {SqlText.Identifier(field.Name)}";
}
