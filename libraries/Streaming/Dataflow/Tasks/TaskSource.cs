using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming;

/// <summary>A topic that a dataflow reads.</summary>
/// <param name="Topic">Its name.</param>
/// <param name="Schema">Its rows.</param>
/// <param name="TimeField">Field of the event's time.</param>
/// <param name="OutOfOrder">How much later than a later one an event may come.</param>
/// <param name="IdleAfter">After how long without events a partition no longer holds back the others.</param>
internal sealed record TaskSource(string Topic, RowSchema Schema, string TimeField, TimeSpan OutOfOrder, TimeSpan IdleAfter)
{
    public static TaskSource Of(StreamDefinition stream) =>
        new(stream.Topic, stream.Contract.Rows, stream.Time.Field, stream.Time.OutOfOrder, stream.Time.IdleAfter);
}
