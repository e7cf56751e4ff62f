using System.Globalization;
using DuckDB.NET.Data;
using RealTimeMesh.Warehouse.Sql;
using static RealTimeMesh.Warehouse.Execution.WarehouseDatabase;

namespace RealTimeMesh.Warehouse.Execution;

/// <summary>Runs one understood statement in a session.</summary>
internal sealed class StatementRunner(WarehouseDatabase database, WarehouseOptions options)
{
    public StatementResult Run(DuckDBConnection session, Command command, IReadOnlyList<object?> bindings, string handle, CancellationToken cancellationToken) => command switch
    {
        Command.Query query => Query(session, query.Sql, bindings, handle, cancellationToken),
        Command.Change change => Change(session, change, bindings, handle, cancellationToken),
        Command.Define define => Define(session, define.Sql, define.Status, handle, cancellationToken),
        Command.Transaction transaction => Define(session, transaction.Verb, "Statement executed successfully.", handle, cancellationToken),
        Command.CreateStage stage => CreateStage(session, stage, handle, cancellationToken),
        Command.DropStage stage => Define(session, $"DELETE FROM {Catalog.Own}.STAGES WHERE NAME = {Text(stage.Name)}", $"{stage.Name} successfully dropped.", handle, cancellationToken),
        Command.CopyInto copy => Copy(session, copy, handle, cancellationToken),
        _ => throw new InvalidOperationException($"no way to run {command.GetType().Name}"),
    };

    private StatementResult Query(DuckDBConnection session, string sql, IReadOnlyList<object?> bindings, string handle, CancellationToken cancellationToken)
    {
        using var command = Create(session, sql, bindings);
        command.UseStreamingMode = true;
        using var reader = command.ExecuteReader();
        using var builder = new ResultBuilder(options, handle, ResultColumn.Of(reader));
        var values = new object?[reader.FieldCount];
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            reader.GetValues(values!);
            builder.Add(values);
        }

        return builder.Finish();
    }

    private StatementResult Change(DuckDBConnection session, Command.Change change, IReadOnlyList<object?> bindings, string handle, CancellationToken cancellationToken)
    {
        long inserted = 0, updated = 0, deleted = 0;
        if (change.Kind == "MERGE")
        {
            using var command = Create(session, $"{change.Sql} RETURNING merge_action", bindings);
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                switch (reader.GetString(0))
                {
                    case "INSERT": inserted++; break;
                    case "UPDATE": updated++; break;
                    case "DELETE": deleted++; break;
                }
            }

            return ResultBuilder.OneRow(options, handle, (inserted, updated, deleted),
                (ResultColumn.Count("number of rows inserted"), inserted), (ResultColumn.Count("number of rows updated"), updated), (ResultColumn.Count("number of rows deleted"), deleted));
        }

        using (var command = Create(session, change.Sql, bindings))
        {
            var rows = command.ExecuteNonQuery();
            (inserted, updated, deleted) = change.Kind switch { "INSERT" => (rows, 0L, 0L), "UPDATE" => (0L, rows, 0L), _ => (0L, 0L, (long)rows) };
        }

        return ResultBuilder.OneRow(options, handle, (inserted, updated, deleted),
            (ResultColumn.Count($"number of rows {(change.Kind == "INSERT" ? "inserted" : change.Kind == "UPDATE" ? "updated" : "deleted")}"), inserted + updated + deleted));
    }

    private StatementResult Define(DuckDBConnection session, string sql, string status, string handle, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var command = Create(session, sql, []);
        command.ExecuteNonQuery();
        return ResultBuilder.OneRow(options, handle, null, (ResultColumn.Text("status"), status));
    }

    private StatementResult CreateStage(DuckDBConnection session, Command.CreateStage stage, string handle, CancellationToken cancellationToken)
    {
        database.StageFolder(stage.Url);
        var conflict = stage.Replace ? "DO UPDATE SET URL = excluded.URL" : stage.IfNotExists ? "DO NOTHING" : null;
        var sql = $"INSERT INTO {Catalog.Own}.STAGES VALUES ({Text(stage.Name)}, {Text(stage.Url)}){(conflict is null ? "" : $" ON CONFLICT (NAME) {conflict}")}";
        return Define(session, sql, $"Stage area {stage.Name} successfully created.", handle, cancellationToken);
    }

    private StatementResult Copy(DuckDBConnection session, Command.CopyInto copy, string handle, CancellationToken cancellationToken)
    {
        var files = database.StagedFiles(session, copy.Stage, copy.Files);
        if (files.Count == 0)
            return ResultBuilder.OneRow(options, handle, (0, 0, 0), (ResultColumn.Text("status"), "Copy executed with 0 files processed."));

        var source = $"read_parquet([{string.Join(", ", files.Select(Text))}], union_by_name=true, hive_partitioning=false)";
        var target = Names(session, $"SELECT column_name FROM (DESCRIBE {copy.TableSql})");
        var staged = Names(session, $"SELECT column_name FROM (DESCRIBE SELECT * FROM {source})").ToHashSet(StringComparer.OrdinalIgnoreCase);
        // As MATCH_BY_COLUMN_NAME does: columns on one side only are left out, or become NULL.
        var columns = string.Join(", ", target.Where(staged.Contains).Select(name => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\""));
        if (columns.Length == 0)
            throw new SqlFault("100080", "22000", $"COPY INTO {copy.Table}: the files have no column of the table; found {string.Join(", ", staged)}, expected some of {string.Join(", ", target)}.");
        cancellationToken.ThrowIfCancellationRequested();
        long loaded;
        using (var command = Create(session, $"INSERT INTO {copy.TableSql} ({columns}) SELECT {columns} FROM {source}", []))
            loaded = command.ExecuteNonQuery();

        using var builder = new ResultBuilder(options, handle,
            [ResultColumn.Text("file"), ResultColumn.Text("status"), ResultColumn.Count("rows_parsed"), ResultColumn.Count("rows_loaded"), ResultColumn.Count("error_limit"), ResultColumn.Count("errors_seen"), ResultColumn.Text("first_error")],
            (loaded, 0, 0));
        using (var command = Create(session, $"SELECT file_name, num_rows FROM parquet_file_metadata([{string.Join(", ", files.Select(Text))}]) ORDER BY 1", []))
        {
            using var reader = command.ExecuteReader();
            while (reader.Read())
                builder.Add([Path.GetFileName(reader.GetString(0)), "LOADED", reader.GetValue(1), reader.GetValue(1), 1, 0, null]);
        }

        return builder.Finish();
    }

    private static List<string> Names(DuckDBConnection session, string sql)
    {
        using var command = Create(session, sql, []);
        using var reader = command.ExecuteReader();
        var names = new List<string>();
        while (reader.Read())
            names.Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
        return names;
    }

    private static DuckDBCommand Create(DuckDBConnection session, string sql, IReadOnlyList<object?> bindings)
    {
        var command = session.CreateCommand();
        command.CommandText = sql;
        foreach (var value in bindings)
            command.Parameters.Add(new DuckDBParameter(value ?? DBNull.Value));
        return command;
    }
}
