using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.Grpc;

internal static class Rejections
{
    public static V1.Rejection Of(in RejectedRow row, long position, bool sequenced) => new()
    {
        Position = position,
        Sequence = sequenced ? row.Position : -1,
        Rule = row.Reason.Rule,
        Field = row.Reason.Field ?? "",
        Found = DeadLetterWriter.Clip(row.Reason.Found),
        Expected = DeadLetterWriter.Clip(row.Reason.Expected),
    };
}
