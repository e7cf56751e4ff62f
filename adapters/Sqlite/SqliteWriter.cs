using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace RealTimeMesh.Sqlite;

/// <summary>
/// The one writing connection, with a thread of its own: calls of SQLite block. Whatever waits when a transaction
/// begins is committed with it, so that many writers share one sync of the disk.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int QueueLength = 1024;
    private const int MostPerCommit = 256;

    private readonly Channel<SqliteWork> _queue = Channel.CreateBounded<SqliteWork>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly SqliteConnection _connection;
    private readonly SqliteStatements _statements;
    private readonly SemaphoreSlim? _alone;
    private readonly string _begin;
    private readonly Task _loop;

    /// <param name="alone">Held while the connection is in use, where readers use the same.</param>
    public SqliteWriter(SqliteConnection connection, SqliteStateOptions options, TimeProvider time, SemaphoreSlim? alone)
    {
        _connection = connection;
        _statements = new SqliteStatements(connection, options.TableName, time);
        _alone = alone;
        _begin = $"BEGIN {options.Address.TransactionLock.ToUpperInvariant()}";
        _loop = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Waits for room, then for the commit. A cancelled call that has begun is waited for: its outcome would be unknown.</summary>
    public async Task RunAsync(SqliteWork work, CancellationToken cancellationToken)
    {
        await _queue.Writer.WriteAsync(work, cancellationToken);
        try
        {
            await work.Done.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (!work.Done.IsCompleted && !work.TryCancel())
        {
            await work.Done;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
        _statements.Dispose();
        await _connection.DisposeAsync();
    }

    private void Run()
    {
        var batch = new List<SqliteWork>(MostPerCommit);
        var executed = new List<SqliteWork>(MostPerCommit);
        // The thread is ours: it may sleep until there is work.
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (batch.Count < MostPerCommit && _queue.Reader.TryRead(out var work))
            {
                if (work.TryBegin())
                    batch.Add(work);
            }

            if (batch.Count == 0)
                continue;
            _alone?.Wait();
            try
            {
                Commit(batch, executed);
            }
            finally
            {
                _alone?.Release();
            }

            batch.Clear();
            executed.Clear();
        }
    }

    private void Commit(List<SqliteWork> batch, List<SqliteWork> executed)
    {
        try
        {
            SqliteConnections.Run(_connection, _begin);
            foreach (var work in batch)
            {
                if (TryExecute(work))
                    executed.Add(work);
            }

            SqliteConnections.Run(_connection, "COMMIT");
        }
        catch (Exception fault)
        {
            RollBack();
            foreach (var work in batch)
                work.Fail(Named(fault));
            return;
        }

        foreach (var work in executed)
            work.Complete();
    }

    private bool TryExecute(SqliteWork work)
    {
        SqliteConnections.Run(_connection, "SAVEPOINT item");
        try
        {
            work.Execute(_connection, _statements);
            SqliteConnections.Run(_connection, "RELEASE item");
            return true;
        }
        catch (Exception fault) when (raw.sqlite3_get_autocommit(_connection.Handle) == 0)
        {
            // Its own failure; a full disk would have ended the whole transaction.
            SqliteConnections.Run(_connection, "ROLLBACK TO item");
            SqliteConnections.Run(_connection, "RELEASE item");
            work.Fail(Named(fault));
            return false;
        }
    }

    private void RollBack()
    {
        if (raw.sqlite3_get_autocommit(_connection.Handle) == 0)
            SqliteConnections.Run(_connection, "ROLLBACK");
    }

    private static Exception Named(Exception fault) => fault is SqliteException
        ? new SqliteStoreException($"SQLite: {fault.Message}", fault)
        : fault;
}
