namespace RealTimeMesh.ChangeCapture;

/// <summary>A kind of database whose changes can be captured.</summary>
public interface IChangeConnector
{
    /// <summary>Such as <c>postgres</c>.</summary>
    string Name { get; }

    /// <summary>The captured tables as they are now. Throws <see cref="ChangeCaptureException"/> where one can't be captured.</summary>
    Task<IReadOnlyList<ChangeTable>> DescribeAsync(ChangeSettings settings, string connection, CancellationToken cancellationToken);

    /// <summary>Begins to read at a position; null begins anew. Throws <see cref="ChangeCaptureException"/> with the cure where the server can't serve it.</summary>
    /// <param name="settings">What is captured.</param>
    /// <param name="connection">The connection string.</param>
    /// <param name="position">As a feed of these settings gave it before.</param>
    /// <param name="columns">Names of the columns that are wanted; others may be left out.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    Task<IChangeFeed> OpenAsync(ChangeSettings settings, string connection, ChangePosition? position, IReadOnlySet<string> columns, CancellationToken cancellationToken);
}

/// <summary>Changes of tables in the order in which they were committed. One reader.</summary>
public interface IChangeFeed : IAsyncDisposable
{
    /// <summary>Where it begins.</summary>
    ChangePosition Start { get; }

    /// <summary>True where the changes after <see cref="Start"/> are, one by one, those that followed that position before.</summary>
    bool Repeats { get; }

    /// <summary>The tables as they were at the start.</summary>
    IReadOnlyList<ChangeTable> Tables { get; }

    /// <summary>How far behind the database the confirmed position is.</summary>
    ChangeLag Lag { get; }

    /// <summary>The next changes; waits for them.</summary>
    ValueTask<ChangeBlock> ReadAsync(CancellationToken cancellationToken);

    /// <summary>The next changes where they are here already.</summary>
    bool TryRead(out ChangeBlock? block);

    /// <summary>Gives a block back to be filled again.</summary>
    void Return(ChangeBlock block);

    /// <summary>Tells the server that everything before a position is safe elsewhere.</summary>
    void Confirm(ChangePosition position);
}

/// <summary>How far behind.</summary>
/// <param name="Bytes">Bytes of the server's log after the confirmed position; null where unknown.</param>
/// <param name="Seconds">Age of the oldest change that may not be confirmed; 0 where everything is.</param>
public sealed record ChangeLag(long? Bytes, double Seconds)
{
    public static ChangeLag Unknown { get; } = new(null, 0);
}
