using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Streaming.Tests;

/// <summary>An event as it stands on a topic.</summary>
internal sealed record Sent(int Partition, long Offset, string Source, long Sequence, Trade? Trade);

/// <summary>What the views must hold, computed the slow and obvious way from the same events.</summary>
internal sealed class Oracle(TimeSpan outOfOrder, ViewDefinition[] views, Func<Trade, string>[] keys, Func<Trade, bool>[] wheres)
{
    private readonly Dictionary<int, double> _maxTimes = [];
    private readonly Dictionary<(int, string), long> _sequences = [];

    public Dictionary<(int View, string Key, long Window), List<(Sent Event, Trade Trade)>> Windows { get; } = [];

    public long Applied { get; private set; }

    public long Late { get; private set; }

    public long Quarantined { get; private set; }

    public long Duplicates { get; private set; }

    public void Apply(Sent item)
    {
        if (item.Sequence >= 0)
        {
            if (item.Sequence <= _sequences.GetValueOrDefault((item.Partition, item.Source), -1))
            {
                Duplicates++;
                return;
            }

            _sequences[(item.Partition, item.Source)] = item.Sequence;
        }

        if (item.Trade is not { Second: { } second } trade)
        {
            Quarantined++;
            return;
        }

        var watermark = _maxTimes.TryGetValue(item.Partition, out var max) ? max - outOfOrder.TotalSeconds : double.NegativeInfinity;
        _maxTimes[item.Partition] = Math.Max(second, _maxTimes.GetValueOrDefault(item.Partition, double.NegativeInfinity));
        var late = 0;
        for (var i = 0; i < views.Length; i++)
        {
            var size = views[i].Window.TotalSeconds;
            var window = (long)Math.Floor(second / size);
            if ((window + 1) * size + views[i].AllowedLateness.TotalSeconds <= watermark)
                late++;
            else if (wheres[i](trade))
                Group(i, keys[i](trade), window).Add((item, trade));
        }

        if (late == views.Length)
            Late++;
        else
            Applied++;
    }

    private List<(Sent, Trade)> Group(int view, string key, long window)
    {
        if (!Windows.TryGetValue((view, key, window), out var list))
            Windows.Add((view, key, window), list = []);
        return list;
    }
}
