using System.Diagnostics;
using System.Text.Json;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Faults;

/// <summary>What an app was handed, by key, in the order of arrival.</summary>
internal sealed class DeliveryLedger
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<int>> _firsts = [];
    private readonly HashSet<(string, int)> _seen = [];
    private long _mark;
    private TimeSpan? _recovery;

    /// <summary>Different events.</summary>
    public int Distinct
    {
        get
        {
            lock (_gate)
                return _seen.Count;
        }
    }

    /// <summary>Deliveries of an event that had been delivered before.</summary>
    public int Repeated { get; private set; }

    /// <summary>From the last <see cref="Recovering"/> to the delivery after it.</summary>
    public TimeSpan? Recovery
    {
        get
        {
            lock (_gate)
                return _recovery;
        }
    }

    /// <param name="data">The event's data.</param>
    public void Record(JsonElement data)
    {
        var (key, number) = (data.GetProperty("key").GetString()!, data.GetProperty("number").GetInt32());
        lock (_gate)
        {
            if (_mark != 0)
            {
                _recovery ??= Stopwatch.GetElapsedTime(_mark);
                _mark = 0;
            }

            if (!_seen.Add((key, number)))
            {
                Repeated++;
                return;
            }

            if (!_firsts.TryGetValue(key, out var numbers))
                _firsts[key] = numbers = [];
            numbers.Add(number);
        }
    }

    /// <summary>The repair of a fault begins.</summary>
    public void Recovering()
    {
        lock (_gate)
            (_mark, _recovery) = (Stopwatch.GetTimestamp(), null);
    }

    public Task ReceivedAsync(int count) => Eventually.TrueAsync(() => Distinct >= count, () => $"{count} different events; {Distinct} came");

    /// <summary>Everything came, and each key's first deliveries in the order of publishing.</summary>
    public void AssertInOrder(int keys, int numbersPerKey)
    {
        lock (_gate)
        {
            Assert.Equal(keys, _firsts.Count);
            Assert.All(_firsts, pair => Assert.Equal(Enumerable.Range(0, numbersPerKey), pair.Value));
        }
    }
}
