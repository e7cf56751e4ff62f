namespace RealTimeMesh.Console.Collecting;

/// <summary>A service under watch: what is asked of it and how it does.</summary>
/// <param name="id">App id, as in the run file.</param>
/// <param name="role">What it does, one short sentence.</param>
internal sealed class WatchedService(string id, string role, Uri url, IReadOnlyList<Question> questions, DateTimeOffset now)
{
    private ServiceHealth _health = new("unknown", now, null, null, null);

    public string Id => id;

    public string Role => role;

    public Uri Url => url;

    public IReadOnlyList<Question> Questions => questions;

    /// <summary>The log says that it is not answering. Written by its own loop alone.</summary>
    public bool IsReportedDown { get; set; }

    public ServiceHealth Health
    {
        get => Volatile.Read(ref _health);
        set => Volatile.Write(ref _health, value);
    }
}

/// <summary>One thing asked of a service.</summary>
/// <param name="Every">Asked at each n-th round: what changes slowly or costs the service is asked less often.</param>
/// <param name="AskAsync">Answers null where all went well, otherwise what did not.</param>
internal sealed record Question(int Every, Func<CancellationToken, Task<string?>> AskAsync);

internal sealed record ServiceHealth(string State, DateTimeOffset Since, DateTimeOffset? LastAnswer, double? ResponseMs, string? Error);
