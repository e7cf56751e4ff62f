using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.ObjectStores.Cache;

/// <summary>Files in a workspace, for one scan.</summary>
internal sealed class FetchedFiles(Workspace lease, IReadOnlyList<string?> paths) : IFetchedFiles
{
    public IReadOnlyList<string?> Paths => paths;

    public void Dispose() => lease.Dispose();
}
