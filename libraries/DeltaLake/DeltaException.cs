using RealTimeMesh.Contracts;

namespace RealTimeMesh.DeltaLake;

/// <summary>A Delta table that cannot be read or written.</summary>
public class DeltaException : RealTimeMeshException
{
    public DeltaException(string table, string message, Exception? innerException = null)
        : base($"Delta table '{table}': {message}", innerException) => Table = table;

    /// <summary>Folder of the table.</summary>
    public string Table { get; }
}
