using RealTimeMesh.Contracts;

namespace RealTimeMesh.Ingestion.Rows;

/// <summary>A stream's row expectations. Used by one batch at a time.</summary>
internal interface IRowCheck
{
    /// <summary>True where the row may enter the stream.</summary>
    bool Check(ColumnBatch rows, int row, out RejectReason reason);
}
