using System.Globalization;

namespace RealTimeMesh.Ingestion.Streams;

/// <summary>Ids for events that bring none: a prefix unique to this run of the service and a counter.</summary>
internal sealed class EventIds(TimeProvider time)
{
    private readonly string _prefix = $"{Guid.CreateVersion7(time.GetUtcNow()):N}-";
    private long _last;

    public string Next() => string.Create(CultureInfo.InvariantCulture, $"{_prefix}{Interlocked.Increment(ref _last):x}");
}
