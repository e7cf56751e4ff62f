using RealTimeMesh.Contracts;

namespace RealTimeMesh.Ingestion.Rows;

/// <summary>A stream's row expectations; asked from several threads at once.</summary>
internal interface IRowCheck
{
    /// <summary>True where the row may enter the stream.</summary>
    bool Check(ColumnBatch rows, int row, out RejectReason reason);
}
