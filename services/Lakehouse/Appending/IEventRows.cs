using RealTimeMesh.Contracts;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Lakehouse.Appending;

/// <summary>Turns delivered events into rows of a table.</summary>
internal interface IEventRows
{
    /// <summary>The rows' columns at present; another instance once they change.</summary>
    RowSchema Schema { get; }

    /// <summary>Fetches what decoding a delivery needs, before its turn comes. May run for several deliveries at once.</summary>
    ValueTask PrepareAsync(IReadOnlyList<DeliveredEvent> events, CancellationToken cancellationToken);

    /// <summary>Takes note of the schemas of events that are about to be appended, which may change <see cref="Schema"/>. One call at a time, and none while rows are appended.</summary>
    /// <param name="events">The events.</param>
    /// <param name="table">The table as it is, or null.</param>
    ValueTask AdaptAsync(IEnumerable<IReadOnlyList<DeliveredEvent>> events, Snapshot? table, CancellationToken cancellationToken);

    /// <summary>Counts that are committed with the rows, by name, as they will be then. Of those before, <paramref name="committed"/> knows; none by default.</summary>
    IReadOnlyCollection<KeyValuePair<string, long>> Counts(IReadOnlyDictionary<string, long> committed) => [];

    /// <summary>Appends an event's row; false, with the reason and nothing appended, where it cannot be read.</summary>
    bool TryAppend(in DeliveredEvent item, ColumnBatch rows, out Rejection? why);
}
