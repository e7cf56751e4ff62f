using System.Diagnostics.Metrics;

namespace RealTimeMesh.ServiceDefaults;

/// <summary>Counts dead letters by who gave the events up, and why.</summary>
public sealed class DeadLetterMetrics : IDisposable
{
    public const string MeterName = "RealTimeMesh.DeadLetters";

    private readonly Meter _meter;
    private readonly Counter<long> _letters;

    public DeadLetterMetrics()
        : this(MeterName)
    {
    }

    /// <param name="name">Of the meter; another for what nobody should see.</param>
    public DeadLetterMetrics(string name)
    {
        _meter = new Meter(name);
        _letters = _meter.CreateCounter<long>("mesh.dead_letters", "{event}", "Events given up, by consumer, topic, class and rule");
    }

    public void Sent(IReadOnlyList<OutgoingDeadLetter> letters)
    {
        foreach (var letter in letters)
            Sent(letter.Record.Origin.Consumer, letter.Record.Origin.Topic, letter.Record.Reason.Class, letter.Record.Reason.Rule);
    }

    public void Sent(string consumer, string topic, string reasonClass, string rule, int count = 1) =>
        _letters.Add(count, new("consumer", consumer), new("topic", topic), new("class", reasonClass), new("rule", rule));

    /// <summary>True for an instrument of this service, of several in one process.</summary>
    public bool Owns(Instrument instrument) => ReferenceEquals(instrument, _letters);

    public void Dispose() => _meter.Dispose();
}
