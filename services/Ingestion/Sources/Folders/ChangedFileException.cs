namespace RealTimeMesh.Ingestion.Sources.Folders;

/// <summary>A file that is no longer what was taken.</summary>
internal sealed class ChangedFileException(string message) : SourceException(message);
