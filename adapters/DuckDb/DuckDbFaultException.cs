using RealTimeMesh.Contracts;

namespace RealTimeMesh.DuckDb;

/// <summary>A statement or a build that DuckDB refused or that the engine cannot run.</summary>
public sealed class DuckDbFaultException : RealTimeMeshException
{
    public DuckDbFaultException(string message)
        : base(message)
    {
    }

    public DuckDbFaultException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
