using RealTimeMesh.Contracts;

namespace RealTimeMesh.Ingestion.Sources;

/// <summary>A source that can't be read as it is.</summary>
internal class SourceException : RealTimeMeshException
{
    public SourceException(string message)
        : base(message)
    {
    }

    public SourceException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
