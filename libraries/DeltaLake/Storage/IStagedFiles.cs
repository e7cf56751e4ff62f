namespace RealTimeMesh.DeltaLake;

/// <summary>
/// New files of a table while they are written. On a local disk they are written where they will lie; to an object store they are sent when
/// they are complete. Thread-safe.
/// </summary>
public interface IStagedFiles : IDisposable
{
    /// <summary>Folder of this machine to write in; a path relative to it becomes the path relative to the table.</summary>
    string Root { get; }

    /// <summary>Puts complete files (relative to the root) into the table. They may be deleted from the root then.</summary>
    Task PublishAsync(IReadOnlyList<string> files, CancellationToken cancellationToken);

    /// <summary>Deletes files, whether or not they were published: no commit names them.</summary>
    Task DiscardAsync(IReadOnlyList<string> files, CancellationToken cancellationToken);
}
