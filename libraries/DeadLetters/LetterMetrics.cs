using System.Diagnostics.Metrics;

namespace RealTimeMesh.DeadLetters;

/// <summary>Counters and gauges, of the meter <c>RealTimeMesh.DeadLetters</c>.</summary>
internal sealed class LetterMetrics : IDisposable
{
    private readonly Meter _meter = new("RealTimeMesh.DeadLetters");
    private readonly Counter<long> _collected;
    private readonly Counter<long> _redriven;
    private long _open;
    private int _alerts;

    public LetterMetrics()
    {
        _collected = _meter.CreateCounter<long>("mesh.dead_letters.collected", "{letter}", "Letters collected, by dead-letter topic.");
        _redriven = _meter.CreateCounter<long>("mesh.dead_letters.redriven", "{letter}", "Letters written again, by destination.");
        _meter.CreateObservableGauge("mesh.dead_letters.open", () => Volatile.Read(ref _open), "{letter}", "Letters that nothing was done with.");
        _meter.CreateObservableGauge("mesh.dead_letters.alerts", () => Volatile.Read(ref _alerts), "{alert}", "Alerts that are raised.");
    }

    public void Collected(string topic, int letters) => _collected.Add(letters, new KeyValuePair<string, object?>("topic", topic));

    public void Redriven(string topic, int letters) => _redriven.Add(letters, new KeyValuePair<string, object?>("topic", topic));

    public void Stand(long open, int alerts)
    {
        Volatile.Write(ref _open, open);
        Volatile.Write(ref _alerts, alerts);
    }

    public void Dispose() => _meter.Dispose();
}
