using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sqlite;

/// <summary>Values in a table: one writer, several readers.</summary>
internal sealed class SqliteStateStore : IStateStore, IKeysLikeStore
{
    private const int ReadingConnections = 4;

    private readonly SqliteStateOptions _options;
    private readonly SqliteWriter _writer;
    private readonly SqliteReaders _readers;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _cleanup;

    private SqliteStateStore(SqliteStateOptions options, SqliteWriter writer, SqliteReaders readers, TimeProvider time, ILogger logger)
    {
        (_options, _writer, _readers, _time, _logger) = (options, writer, readers, time, logger);
        _cleanup = options.CleanupInterval > TimeSpan.Zero ? CleanUpAsync() : Task.CompletedTask;
    }

    public StateCapabilities Capabilities { get; } = new()
    {
        ETag = true,
        Transactional = true,
        Ttl = true,
        Names = ["ETAG", "TRANSACTIONAL", "TTL", "KEYS_LIKE", "ACTOR"],
    };

    public static async Task<SqliteStateStore> OpenAsync(SqliteStateOptions options, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        if (options.Address.TransactionLock != "immediate")
            Log.UnusualLock(logger);
        return await Task.Run(() => Open(options, time, logger), cancellationToken);
    }

    public Task<StateItem?> GetAsync(string key, CancellationToken cancellationToken)
    {
        CheckKey(key, "get operation");
        return NamedAsync(_readers.RunAsync(reader => reader.Get(key, _time.GetUtcNow()), cancellationToken));
    }

    public async Task<IReadOnlyList<StateItem?>> BulkGetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        await NamedAsync(_readers.RunAsync(reader => reader.Get(keys, _time.GetUtcNow(), cancellationToken), cancellationToken));

    public Task<StateWrite> WriteAsync(StateOperation operation, CancellationToken cancellationToken) => TransactAsync([operation], cancellationToken);

    public async Task<StateWrite> TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (operations.Count == 0)
            return StateWrite.Applied;
        foreach (var operation in operations)
            CheckKey(operation.Key, operation.Kind == StateOperationKind.Delete ? "delete operation" : "set option");
        var writes = new SqliteWrites(operations);
        await NamedAsync(_writer.RunAsync(writes, cancellationToken));
        return await writes.Outcome;
    }

    public Task<StateKeysPage> KeysLikeAsync(StateKeysQuery query, CancellationToken cancellationToken)
    {
        if (query.Pattern.Length == 0)
            throw StatePatternException.EmptyPattern();
        long after = long.MinValue;
        if (query.ContinuationToken is { } token && !long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            throw new StatePatternException($"invalid continue token: found '{token}'; expected that of the page before");
        return NamedAsync(_readers.RunAsync(reader => reader.KeysLike(query, after, _time.GetUtcNow(), cancellationToken), cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _cleanup;
        _readers.Dispose();
        await _writer.DisposeAsync();
        _stopping.Dispose();
    }

    private static SqliteStateStore Open(SqliteStateOptions options, TimeProvider time, ILogger logger)
    {
        var connection = SqliteConnections.Open(options);
        try
        {
            SqliteSchema.Migrate(connection, options, logger);
        }
        catch (Exception e)
        {
            connection.Dispose();
            throw new SqliteStoreException($"failed to perform migrations: {e.Message}", e);
        }

        // A database in memory lives in its one connection, which readers and writer use in turn.
        var inMemory = options.Address.IsInMemory;
        SqliteReader[] readers = inMemory
            ? [new SqliteReader(connection, options.TableName, ownsConnection: false)]
            : [.. Enumerable.Range(0, ReadingConnections).Select(_ => new SqliteReader(SqliteConnections.Open(options), options.TableName, ownsConnection: true))];
        var free = new SemaphoreSlim(readers.Length, readers.Length);
        return new SqliteStateStore(
            options,
            new SqliteWriter(connection, options, time, inMemory ? free : null),
            new SqliteReaders(readers, free, mayBlock: inMemory || options.DisableWal),
            time,
            logger);
    }

    private static void CheckKey(string key, string where)
    {
        if (key.Length == 0)
            throw new SqliteStoreException($"missing key in {where}");
    }

    private async Task CleanUpAsync()
    {
        Log.CleanupScheduled(_logger, _options.CleanupInterval);
        using var timer = new PeriodicTimer(_options.CleanupInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
                await CleanUpOnceAsync();
        }
        catch (OperationCanceledException)
        {
            // The store is being closed.
        }
    }

    private async Task CleanUpOnceAsync()
    {
        try
        {
            var work = new SqliteAction<int?>(new SqliteCleanup(_options, _time).Run);
            await _writer.RunAsync(work, _stopping.Token);
            if (await work.Result is { } removed)
                Log.Removed(_logger, removed);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.CleanupFailed(_logger, e);
        }
    }

    private async Task<T> NamedAsync<T>(Task<T> call)
    {
        await NamedAsync((Task)call);
        return await call;
    }

    private async Task NamedAsync(Task call)
    {
        try
        {
            await call.WaitAsync(_options.Timeout, _time);
        }
        catch (TimeoutException e)
        {
            throw new SqliteStoreException($"context deadline exceeded: found no answer in {_options.Timeout}; raise timeout, or find out what keeps the database busy", e);
        }
        catch (SqliteException e)
        {
            throw new SqliteStoreException($"SQLite: {e.Message}", e);
        }
    }
}
