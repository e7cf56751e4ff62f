namespace RealTimeMesh.DeltaLake;

/// <summary>A <c>sidecar</c> action of a V2 checkpoint. <paramref name="Path"/> is a file name in <c>_sidecars</c> or absolute, decoded; sizes in bytes, times in milliseconds since 1970-01-01T00:00:00Z.</summary>
internal sealed record SidecarFile(string Path, long SizeInBytes, long ModificationTime);
