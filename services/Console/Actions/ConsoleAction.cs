using System.Text.Json;

namespace RealTimeMesh.Console.Actions;

/// <summary>Something that somebody does from here: under way, or how it ended.</summary>
internal sealed class ConsoleAction(string id, ActionOrder order, DateTimeOffset startedAt) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public string Id => id;

    public ActionOrder Order => order;

    public string Kind => order.Kind;

    public string Subject => order.Subject;

    public string Who => order.Who;

    public DateTimeOffset StartedAt => startedAt;

    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>What the service answered; null while it is under way and where it failed.</summary>
    public JsonElement? Result { get; private set; }

    /// <summary>Address of the page that shows what came of it; null for none.</summary>
    public string? Next => Result is { } result && Error is null ? order.Next?.Invoke(result) : null;

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
