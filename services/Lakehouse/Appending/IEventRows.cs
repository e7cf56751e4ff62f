using RealTimeMesh.Contracts;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Lakehouse.Appending;

/// <summary>Turns delivered events into rows of a table.</summary>
internal interface IEventRows
{
    RowSchema Schema { get; }

    /// <summary>Fetches what decoding a delivery needs, before its turn comes.</summary>
    ValueTask PrepareAsync(IReadOnlyList<DeliveredEvent> events, CancellationToken cancellationToken);

    /// <summary>Appends an event's row; false, with the reason and nothing appended, where it cannot be read.</summary>
    bool TryAppend(in DeliveredEvent item, ColumnBatch rows, out string? error);
}
