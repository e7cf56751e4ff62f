namespace RealTimeMesh.DeltaLake;

/// <summary>A Delta table that asks for something this library does not have. Nothing was read or written; the message names the features.</summary>
public sealed class DeltaUnsupportedException : DeltaException
{
    public DeltaUnsupportedException(string table, string message)
        : base(table, message)
    {
    }
}
