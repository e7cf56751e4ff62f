using System.Data;
using System.Globalization;
using DuckDB.NET.Data;

namespace RealTimeMesh.DuckDb;

/// <summary>
/// A private in-memory DuckDB with limits, in UTC. Register tables, then query them. Statements of one session run
/// one after the other; every statement stops when its token is cancelled.
/// </summary>
public sealed class DuckDbSession : IDisposable
{
    private readonly DuckDBConnection _connection;

    private readonly string? _spill;
    private readonly List<IDisposable> _owned = [];
    private int _names;

    private DuckDbSession(DuckDBConnection connection, string? spill) => (_connection, _spill) = (connection, spill);

    public static DuckDbSession Open(DuckDbOptions options)
    {
        var connection = new DuckDBConnection("DataSource=:memory:");
        try
        {
            connection.Open();
            // Instances name their spill files alike: each needs a folder of its own.
            var spill = options.SpillPath is { } folder ? Path.Combine(Path.GetFullPath(folder), Path.GetRandomFileName()) : null;
            var session = new DuckDbSession(connection, spill);
            session.Run(string.Create(CultureInfo.InvariantCulture,
                $"SET memory_limit='{options.MemoryLimitMiB}MiB'; SET threads={options.Threads}; SET TimeZone='UTC'; SET preserve_insertion_order=false; SET autoinstall_known_extensions=false"));
            if (spill is not null)
                Directory.CreateDirectory(spill);
            session.Run($"SET temp_directory={SqlText.Literal(spill ?? "")}");
            return session;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _connection.Dispose();
        _owned.ForEach(item => item.Dispose());
        if (_spill is not null && Directory.Exists(_spill))
            Directory.Delete(_spill, recursive: true);
    }

    /// <summary>Runs statements for their effect; the number of rows the last one changed.</summary>
    public Task<long> ExecuteAsync(string sql, CancellationToken cancellationToken) =>
        RunAsync(sql, command => (long)command.ExecuteNonQuery(), cancellationToken);

    /// <summary>The first column of the first row, or null where there is none.</summary>
    public Task<object?> ScalarAsync(string sql, CancellationToken cancellationToken) =>
        RunAsync(sql, command => command.ExecuteScalar() is { } value and not DBNull ? value : null, cancellationToken);

    /// <summary>A count; zero where there is no row.</summary>
    public async Task<long> CountAsync(string sql, CancellationToken cancellationToken) =>
        Convert.ToInt64(await ScalarAsync(sql, cancellationToken) ?? 0L, CultureInfo.InvariantCulture);

    /// <summary>Rows <paramref name="offset"/> to <paramref name="offset"/> + <paramref name="limit"/> of a query.</summary>
    public Task<QueryPage> QueryAsync(string sql, long offset, int limit, CancellationToken cancellationToken) =>
        RunAsync(sql, command => ReadPage(command, offset, limit, cancellationToken), cancellationToken);

    /// <summary>All rows of a query whose result is known to be small.</summary>
    public async Task<IReadOnlyList<object?[]>> RowsAsync(string sql, CancellationToken cancellationToken) =>
        (await QueryAsync(sql, 0, int.MaxValue, cancellationToken)).Rows;

    /// <summary>Names and types of a query's columns; nothing is run.</summary>
    public async Task<IReadOnlyList<QueryColumn>> DescribeAsync(string sql, CancellationToken cancellationToken)
    {
        var rows = await RowsAsync($"DESCRIBE {sql}", cancellationToken);
        return [.. rows.Select(row => new QueryColumn((string)row[0]!, (string)row[1]!))];
    }

    /// <summary>Runs a query whose result is streamed as Arrow batches; dispose it before the next statement.</summary>
    public Task<ArrowRows> OpenArrowAsync(string sql, CancellationToken cancellationToken)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        return ArrowRows.OpenAsync(command, cancellationToken);
    }

    /// <summary>Keeps what queries of this session need until it is disposed of.</summary>
    internal T Own<T>(T item) where T : IDisposable
    {
        _owned.Add(item);
        return item;
    }

    /// <summary>The connection, for what only its library can do.</summary>
    internal DuckDBConnection Connection => _connection;

    /// <summary>A name for a table or a variable that nothing else of this session has.</summary>
    internal string NextName(string kind) => string.Create(CultureInfo.InvariantCulture, $"mesh_{kind}_{Interlocked.Increment(ref _names)}");

    /// <summary>Appends rows to a temporary table; <paramref name="write"/> gets the row to fill, the item and its number.</summary>
    internal Task AppendAsync<T>(string table, IEnumerable<T> items, Action<IDuckDBAppenderRow, T, long> write, CancellationToken cancellationToken) => Task.Run(() =>
    {
        try
        {
            using var appender = _connection.CreateAppender("temp", "main", table);
            long number = 0;
            foreach (var item in items)
            {
                if ((number & 0xFFFF) == 0)
                    cancellationToken.ThrowIfCancellationRequested();
                var row = appender.CreateRow();
                write(row, item, number++);
                row.EndRow();
            }
        }
        catch (DuckDBException exception)
        {
            throw new DuckDbFaultException(exception.Message, exception);
        }
    }, cancellationToken);

    private static QueryPage ReadPage(DuckDBCommand command, long offset, int limit, CancellationToken cancellationToken)
    {
        command.UseStreamingMode = true;
        using var reader = command.ExecuteReader();
        var columns = new QueryColumn[reader.FieldCount];
        for (var i = 0; i < columns.Length; i++)
            columns[i] = new QueryColumn(reader.GetName(i), reader.GetDataTypeName(i));
        var rows = new List<object?[]>();
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (offset-- > 0)
                continue;
            if (rows.Count == limit)
                return new QueryPage(columns, rows, More: true);
            var row = new object?[columns.Length];
            for (var i = 0; i < row.Length; i++)
                row[i] = ReadValue(reader, i);
            rows.Add(row);
        }

        return new QueryPage(columns, rows, More: false);
    }

    private static object? ReadValue(DuckDBDataReader reader, int column)
    {
        switch (reader.GetValue(column))
        {
            case null or DBNull:
                return null;
            case Stream stream:
                using (stream)
                {
                    using var copy = new MemoryStream();
                    stream.CopyTo(copy);
                    return copy.ToArray();
                }

            case DateTime time:
                return DateTime.SpecifyKind(time, DateTimeKind.Utc);
            case var value:
                return value;
        }
    }

    private void Run(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private Task<T> RunAsync<T>(string sql, Func<DuckDBCommand, T> work, CancellationToken cancellationToken) => Task.Run(() =>
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        using var registration = cancellationToken.UnsafeRegister(static state => ((IDbCommand)state!).Cancel(), command);
        try
        {
            return work(command);
        }
        catch (DuckDBException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DuckDbFaultException(exception.Message, exception);
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested && exception is not OperationCanceledException)
        {
            throw new OperationCanceledException("the statement was cancelled", exception, cancellationToken);
        }
    }, cancellationToken);
}
