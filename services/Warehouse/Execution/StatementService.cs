using System.Collections.Concurrent;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Warehouse.Sql;
using RealTimeMesh.Warehouse.Wire;

namespace RealTimeMesh.Warehouse.Execution;

/// <summary>Accepts statements, runs them in the background, keeps the newest results by handle, and answers a repeated request id with the first run.</summary>
internal sealed class StatementService : IDisposable
{
    private readonly WarehouseDatabase _database;
    private readonly WarehouseOptions _options;
    private readonly StatementRunner _runner;
    private readonly TimeProvider _time;
    private readonly ILogger<StatementService> _log;
    private readonly ConcurrentDictionary<string, Statement> _byHandle = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Statement> _byRequest = new(StringComparer.OrdinalIgnoreCase);
    private readonly Queue<(Statement Statement, string? RequestId)> _order = new();
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private int _running;

    public StatementService(WarehouseDatabase database, WarehouseOptions options, TimeProvider time, ILogger<StatementService> log)
    {
        _database = database;
        _options = options;
        _runner = new StatementRunner(database, options);
        _time = time;
        _log = log;
        var results = Path.Combine(options.Folder, "results");
        if (Directory.Exists(results))
            Directory.Delete(results, recursive: true);
        Directory.CreateDirectory(results);
    }

    public Statement? Find(string handle) => _byHandle.GetValueOrDefault(handle);

    /// <summary>Starts a request, or finds the run that its request id already started.</summary>
    public Statement Submit(StatementRequest request, string? requestId)
    {
        lock (_lock)
        {
            if (requestId is not null && _byRequest.TryGetValue(requestId, out var known))
                return known;
            if (Volatile.Read(ref _running) >= _options.MaxRunning)
                throw new SqlFault("000625", "57014", $"{_options.MaxRunning} statements are running or waiting; submit again later.", 429);
            var statement = Create();
            if (requestId is not null)
                _byRequest[requestId] = statement;
            _order.Enqueue((statement, requestId));
            Forget();
            Interlocked.Increment(ref _running);
            _ = Task.Run(() => RunAsync(statement, request));
            return statement;
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        // Sessions must be closed before the database: wait for what runs to notice.
        Task.WaitAll([.. _byHandle.Values.Select(statement => statement.Done.Task)], TimeSpan.FromSeconds(10));
        foreach (var statement in _byHandle.Values)
            statement.Dispose();
        _stop.Dispose();
    }

    private Statement Create()
    {
        var statement = new Statement(Guid.CreateVersion7(_time.GetUtcNow()).ToString(), _time.GetUtcNow());
        _byHandle[statement.Handle] = statement;
        return statement;
    }

    private void Forget()
    {
        while (_order.Count > _options.RetainedStatements && _order.Peek().Statement.Done.Task.IsCompleted)
        {
            var (old, requestId) = _order.Dequeue();
            if (requestId is not null)
                _byRequest.Remove(requestId);
            _byHandle.TryRemove(old.Handle, out _);
            foreach (var child in old.Children)
                _byHandle.TryRemove(child.Handle, out _);
            old.Dispose();
        }
    }

    private async Task RunAsync(Statement statement, StatementRequest request)
    {
        var limit = request.Timeout is > 0 ? TimeSpan.FromSeconds(request.Timeout.Value) : _options.StatementTimeout;
        using var timeout = new CancellationTokenSource(limit, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, statement.CancelToken, _stop.Token);
        try
        {
            await RunCommandsAsync(statement, request, linked.Token);
        }
        catch (SqlFault fault)
        {
            statement.Fault = fault;
        }
        catch (Exception) when (linked.IsCancellationRequested)
        {
            statement.Fault = timeout.IsCancellationRequested && !statement.UserCanceled ? SqlFault.TimedOut(limit) : SqlFault.Canceled();
        }
        catch (DuckDBException exception)
        {
            statement.Fault = SqlFault.FromDuckDb(exception.Message);
        }
        catch (Exception exception)
        {
            Log.StatementBroke(_log, statement.Handle, exception);
            statement.Fault = new SqlFault("000603", "XX000", $"internal error: {exception.Message}", 500);
        }
        finally
        {
            foreach (var child in statement.Children)
            {
                if (child.Result is null)
                    child.Fault ??= statement.Fault ?? SqlFault.Canceled();
                child.Done.TrySetResult();
            }

            Interlocked.Decrement(ref _running);
            statement.Done.TrySetResult();
        }
    }

    private async Task RunCommandsAsync(Statement statement, StatementRequest request, CancellationToken cancellationToken)
    {
        var commands = Tokenizer.Split(request.Statement ?? "").Select(CommandParser.Parse).ToList();
        if (commands.Count == 0)
            throw new SqlFault("000900", "42601", "SQL compilation error: Empty SQL Statement.");
        if (request.StatementCount != 0 && request.StatementCount != commands.Count)
            throw new SqlFault("000008", "0A000", $"Actual statement count {commands.Count} did not match the desired statement count {request.StatementCount}.");
        var bindings = request.BoundValues();
        if (bindings.Count > 0 && commands.Count > 1)
            throw SqlFault.Unsupported("bindings in a request of several statements", "one statement");

        var children = commands.Count == 1 ? [statement] : commands.Select(_ => Create()).ToList();
        if (commands.Count > 1)
            statement.Children = children;
        var writes = commands.Exists(command => command.Writes);
        if (writes)
            await _database.WriteTurn.WaitAsync(cancellationToken);
        try
        {
            using var session = _database.OpenSession(request.Schema);
            using var interrupt = cancellationToken.Register(() => NativeMethods.Startup.DuckDBInterrupt(session.NativeConnection));
            // An open transaction ends with the session: it is rolled back, as in the SQL API.
            for (var i = 0; i < commands.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                children[i].Result = _runner.Run(session, commands[i], bindings, children[i].Handle, cancellationToken);
            }
        }
        finally
        {
            if (writes)
                _database.WriteTurn.Release();
        }

        if (commands.Count > 1)
            statement.Result = ResultBuilder.OneRow(_options, statement.Handle, null, (ResultColumn.Text("multiple statement execution"), "Multiple statements executed successfully."));
    }
}
