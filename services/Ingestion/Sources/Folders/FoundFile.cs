namespace RealTimeMesh.Ingestion.Sources.Folders;

/// <summary>A file as a listing shows it.</summary>
/// <param name="Name">Path below the folder, with slashes.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Modified">Time of its last change, in ticks, UTC.</param>
internal readonly record struct FoundFile(string Name, long Length, long Modified);
