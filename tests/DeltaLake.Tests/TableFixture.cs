using System.Globalization;
using DuckDB.NET.Data;
using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake.Validation;

namespace RealTimeMesh.DeltaLake.Tests;

/// <summary>A temporary folder for one table, rows to put into it and DuckDB to look at it.</summary>
public sealed class TableFixture : IDisposable
{
    public static readonly RowSchema Schema = new([
        new Field("id", FieldType.String, false),
        new Field("n", FieldType.Int64, true),
        new Field("i", FieldType.Int32, true),
        new Field("d", FieldType.Float64, true),
        new Field("f", FieldType.Float32, true),
        new Field("flag", FieldType.Boolean, true),
        new Field("bytes", FieldType.Bytes, true),
        new Field("day", FieldType.Date, true),
        new Field("at", FieldType.Timestamp, true),
        new Field("price", FieldType.Decimal, true) { Precision = 18, Scale = 2 },
    ]);

    public TableFixture() => Directory.CreateDirectory(Folder);

    public string Folder { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "delta-" + Guid.NewGuid().ToString("N"));

    public string TablePath => System.IO.Path.Combine(Folder, "table");

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 5, 12, 0, 0, TimeSpan.Zero));

    public DeltaTable Open(DeltaTableOptions? options = null) => DeltaTable.At(TablePath, options ?? new DeltaTableOptions(), Time);

    public static ColumnBatch Rows(int first, int count)
    {
        var batch = new ColumnBatch(Schema);
        for (var i = first; i < first + count; i++)
        {
            ((StringColumn)batch.Columns[0]).Append($"id-{i}");
            if (i % 7 == 3)
            {
                for (var column = 1; column < batch.Columns.Count; column++)
                    batch.Columns[column].AppendNull();
                continue;
            }

            ((Int64Column)batch.Columns[1]).Append(i);
            ((Int64Column)batch.Columns[2]).Append(-i);
            ((Float64Column)batch.Columns[3]).Append(i * 0.5);
            ((Float64Column)batch.Columns[4]).Append(i * 0.25);
            ((BooleanColumn)batch.Columns[5]).Append(i % 2 == 0);
            ((BytesColumn)batch.Columns[6]).Append(BitConverter.GetBytes(i));
            ((Int64Column)batch.Columns[7]).Append(20_000 + (i % 3));
            ((Int64Column)batch.Columns[8]).Append(1_767_000_000_000_000 + (i * 1001L));
            ((DecimalColumn)batch.Columns[9]).Append(i + 0.25m);
        }

        return batch;
    }

    public async Task<Snapshot> CreateAsync(DeltaTable table, params string[] partitionColumns)
    {
        var result = await table.BeginTransaction(null).SetMetadata(Schema, partitionColumns, "test").CommitAsync("CREATE TABLE", new Dictionary<string, string>(), TestContext.Current.CancellationToken);
        Assert.IsType<CommitResult.Committed>(result);
        return (await table.GetSnapshotAsync(null, TestContext.Current.CancellationToken))!;
    }

    public static async Task<CommitResult> AppendAsync(DeltaTable table, Snapshot snapshot, ColumnBatch rows, (string App, long Version)? txn = null)
    {
        var transaction = table.BeginTransaction(snapshot);
        foreach (var file in await table.WriteFilesAsync(Schema, snapshot.PartitionColumns, [rows], TestContext.Current.CancellationToken))
            transaction.Add(file);
        if (txn is var (app, version))
            transaction.SetTransaction(app, version);
        return await transaction.CommitAsync("WRITE", new Dictionary<string, string> { ["mode"] = "Append" }, TestContext.Current.CancellationToken);
    }

    public static List<object?[]> Query(string sql)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        List<object?[]> rows = [];
        while (reader.Read())
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
        return rows;
    }

    public string LiveFiles(Snapshot snapshot) =>
        $"read_parquet([{string.Join(", ", snapshot.Files.Select(file => $"'{System.IO.Path.Combine(TablePath, file.Path).Replace("'", "''", StringComparison.Ordinal)}'"))}])";

    public static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    /// <summary>Set by tests that put something into the log that does not belong there.</summary>
    public bool IsDamaged { get; set; }

    public void Dispose()
    {
        try
        {
            if (!IsDamaged)
                WrittenTables.Check(Folder, Time.GetUtcNow(), expectFiles: false);
        }
        finally
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
