namespace RealTimeMesh.Streaming;

/// <summary>An event that came too late for a step: the topic still has it, at the offset.</summary>
/// <param name="Step">The step that dropped it.</param>
/// <param name="Topic">Where it is.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="Time">Its event time, microseconds.</param>
/// <param name="Watermark">How far event time had come before it.</param>
internal sealed record LateEvent(string Step, string Topic, int Partition, long Offset, long Time, long Watermark);
