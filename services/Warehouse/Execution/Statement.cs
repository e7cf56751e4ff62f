namespace RealTimeMesh.Warehouse.Execution;

/// <summary>A submitted statement, running or done.</summary>
internal sealed class Statement(string handle, DateTimeOffset createdOn) : IDisposable
{
    private readonly CancellationTokenSource _cancel = new();

    public string Handle { get; } = handle;

    public DateTimeOffset CreatedOn { get; } = createdOn;

    /// <summary>Statements of a multi-statement request.</summary>
    public IReadOnlyList<Statement> Children { get; set; } = [];

    public StatementResult? Result { get; set; }

    public SqlFault? Fault { get; set; }

    public bool UserCanceled { get; private set; }

    public CancellationToken CancelToken => _cancel.Token;

    /// <summary>Ends when the statement does; never fails.</summary>
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Cancel()
    {
        UserCanceled = true;
        _cancel.Cancel();
    }

    public void Dispose()
    {
        Result?.Dispose();
        foreach (var child in Children)
            child.Dispose();
        _cancel.Dispose();
    }
}
