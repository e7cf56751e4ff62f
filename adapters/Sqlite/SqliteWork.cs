using Microsoft.Data.Sqlite;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sqlite;

/// <summary>Something for the writing thread, done with others in one commit.</summary>
internal abstract class SqliteWork
{
    private int _state;

    /// <summary>Told when it is committed or has failed.</summary>
    public abstract Task Done { get; }

    /// <summary>False where the caller has given up.</summary>
    public bool TryBegin() => Interlocked.CompareExchange(ref _state, 1, 0) == 0;

    /// <summary>False where it has begun: then its outcome must be waited for.</summary>
    public bool TryCancel() => Interlocked.CompareExchange(ref _state, 2, 0) == 0;

    /// <summary>Runs on the writing thread, inside a savepoint named <c>item</c> of the transaction.</summary>
    public abstract void Execute(SqliteConnection connection, SqliteStatements statements);

    /// <summary>The commit is through.</summary>
    public abstract void Complete();

    public abstract void Fail(Exception fault);
}

/// <summary>Operations that are applied all or not at all.</summary>
internal sealed class SqliteWrites(IReadOnlyList<StateOperation> operations) : SqliteWork
{
    private readonly TaskCompletionSource<StateWrite> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StateWrite _outcome = StateWrite.Applied;

    public override Task Done => _done.Task;

    public Task<StateWrite> Outcome => _done.Task;

    public override void Execute(SqliteConnection connection, SqliteStatements statements)
    {
        foreach (var operation in operations)
        {
            if (statements.Apply(operation))
                continue;
            _outcome = new StateWrite(StateWriteOutcome.ETagMismatch, operation.Key);
            if (operations.Count > 1)
                SqliteConnections.Run(connection, "ROLLBACK TO item");
            break;
        }
    }

    public override void Complete() => _done.TrySetResult(_outcome);

    public override void Fail(Exception fault) => _done.TrySetException(fault);
}

/// <summary>Any other statement.</summary>
internal sealed class SqliteAction<T>(Func<SqliteConnection, T> action) : SqliteWork
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public override Task Done => _done.Task;

    public Task<T> Result => _done.Task;

    public override void Execute(SqliteConnection connection, SqliteStatements statements) => _result = action(connection);

    public override void Complete() => _done.TrySetResult(_result!);

    public override void Fail(Exception fault) => _done.TrySetException(fault);
}
