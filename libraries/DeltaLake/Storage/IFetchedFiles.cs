namespace RealTimeMesh.DeltaLake;

/// <summary>Data files that lie on this machine until this is disposed of.</summary>
public interface IFetchedFiles : IDisposable
{
    /// <summary>Absolute local paths in the order asked for; null where a file is gone.</summary>
    IReadOnlyList<string?> Paths { get; }
}
