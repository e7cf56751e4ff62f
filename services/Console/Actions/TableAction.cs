using System.Text.Json;

namespace RealTimeMesh.Console.Actions;

/// <summary>Something that somebody does to a table from here: under way, or how it ended.</summary>
internal sealed class TableAction(string id, string kind, string pipeline, string table, string who, DateTimeOffset startedAt) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public string Id => id;

    /// <summary><c>restore</c>, <c>optimize</c>, <c>vacuum</c> or <c>checkpoint</c>.</summary>
    public string Kind => kind;

    public string Pipeline => pipeline;

    public string Table => table;

    public string Who => who;

    public DateTimeOffset StartedAt => startedAt;

    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>What the lakehouse answered; null while it is under way and where it failed.</summary>
    public JsonElement? Result { get; private set; }

    public string? Error { get; private set; }

    public bool IsCancelled { get; private set; }

    /// <summary><c>running</c>, <c>done</c>, <c>cancelled</c> or <c>failed</c>.</summary>
    public string State => EndedAt is null ? "running" : IsCancelled ? "cancelled" : Error is null ? "done" : "failed";

    public CancellationToken Stopping => _stop.Token;

    public void Cancel() => _stop.Cancel();

    public void End(JsonElement? result, string? error, bool cancelled, DateTimeOffset at)
    {
        (Result, Error, IsCancelled) = (result, error, cancelled);
        EndedAt = at;
    }

    public void Dispose() => _stop.Dispose();
}
