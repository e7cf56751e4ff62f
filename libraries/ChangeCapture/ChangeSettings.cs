namespace RealTimeMesh.ChangeCapture;

/// <summary>What of a database is captured, and how.</summary>
public sealed record ChangeSettings
{
    /// <summary>Kind of database: the name of its <see cref="IChangeConnector"/>, such as <c>postgres</c>.</summary>
    public required string Connector { get; init; }

    /// <summary>Where the connection string comes from.</summary>
    public required ConnectionSecret Connection { get; init; }

    /// <summary>Tables with their schema, such as <c>public.orders</c>.</summary>
    public required IReadOnlyList<string> Tables { get; init; }

    /// <summary>Name of the replication slot: it keeps the log on the server until it is read. One reader at a time.</summary>
    public required string Slot { get; init; }

    /// <summary>Name of the publication; made where it does not exist.</summary>
    public required string Publication { get; init; }

    /// <summary>Whether the rows that are there already are read first. Default true.</summary>
    public bool Snapshot { get; init; } = true;

    /// <summary>What is done where changes after the position are lost. Default: nothing is read, and the reason is told.</summary>
    public LostLog Lost { get; init; }

    /// <summary>How often the position is moved on while the tables are silent, so that the server may drop its log. Default 10 s.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the server may be silent before the connection counts as dead. Default 60 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>A connection string, or where it is kept; exactly one is set.</summary>
public sealed record ConnectionSecret
{
    /// <summary>The string itself.</summary>
    public string? Text { get; init; }

    /// <summary>Name of an environment variable.</summary>
    public string? Environment { get; init; }

    /// <summary>Path of a file.</summary>
    public string? File { get; init; }

    /// <summary>Name of a Dapr secret store, with <see cref="Secret"/> and <see cref="Key"/>.</summary>
    public string? Store { get; init; }

    /// <summary>Name of the secret in the store.</summary>
    public string? Secret { get; init; }

    /// <summary>Key within the secret.</summary>
    public string? Key { get; init; }

    /// <summary>The place, never the content.</summary>
    public override string ToString() => this switch
    {
        { Environment: not null } => $"environment variable {Environment}",
        { File: not null } => $"file {File}",
        { Store: not null } => $"secret {Secret} of store {Store}",
        _ => "text",
    };
}
