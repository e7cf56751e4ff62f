using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Ingestion.Publishing;

/// <summary>Puts the events of several batches into one publish.</summary>
internal static class PublishGroups
{
    /// <summary>
    /// The events of all batches, in order. What the batches have in common stands in the envelope; where they differ in
    /// source or trace each event says its own. What an event says for itself wins.
    /// </summary>
    public static IReadOnlyList<OutgoingEvent> Concat(List<PublishWork> group, Func<EventBatch, IReadOnlyList<OutgoingEvent>> list, out EventEnvelope envelope)
    {
        var first = group[0].Batch;
        envelope = first.Envelope("", "");
        if (group.Count == 1)
            return list(first);
        var alike = group.TrueForAll(work => work.Batch.Origin.Source == first.Origin.Source && work.Batch.TraceParent == first.TraceParent);
        if (!alike)
            envelope = envelope with { Source = "", TraceParent = null };
        List<OutgoingEvent> all = new(group.Sum(work => list(work.Batch).Count));
        foreach (var work in group)
        {
            var events = list(work.Batch);
            if (alike)
            {
                all.AddRange(events);
                continue;
            }

            var headers = work.Batch.Headers;
            foreach (var item in events)
                all.Add(item with { Headers = item.Headers is null ? headers : [.. headers, .. item.Headers] });
        }

        return all;
    }
}
