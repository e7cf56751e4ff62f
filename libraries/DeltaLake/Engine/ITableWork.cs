namespace RealTimeMesh.DeltaLake;

/// <summary>One operation on the rows of a table: attempts run one after the other. Disposing frees memory and spilled files, data files stay.</summary>
public interface ITableWork : IAsyncDisposable
{
    /// <summary>Columns of the source; empty without one.</summary>
    StructType SourceSchema { get; }

    /// <summary>Writes the files that make the operation; nothing is visible before they are committed.</summary>
    Task<FileChanges> RunAsync(RowOperation operation, CancellationToken cancellationToken);

    /// <summary>Deletes every file that attempts have written and nobody has committed.</summary>
    Task DiscardAsync(CancellationToken cancellationToken);

    /// <summary>The files of the last attempt belong to the table now: they are not to be discarded.</summary>
    void Keep();
}
