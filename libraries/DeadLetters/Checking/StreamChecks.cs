using RealTimeMesh.Topics.Browsing;

namespace RealTimeMesh.DeadLetters.Checking;

/// <summary>The checks of all streams, by topic.</summary>
internal sealed class StreamChecks
{
    private readonly Dictionary<string, StreamCheck> _byTopic = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StreamCheck> _byIngest = new(StringComparer.Ordinal);

    public StreamChecks(DeadLettersSetup setup)
    {
        foreach (var pipeline in setup.Pipelines)
        {
            foreach (var stream in pipeline.Streams)
                _byTopic[stream.Topic] = _byIngest[stream.IngestTopic] = new StreamCheck(stream, pipeline, setup.Options.MaxEventBytes);
        }
    }

    /// <summary>The stream of a topic <c>{pipeline}.{stream}</c>.</summary>
    public StreamCheck? Find(string? topic) => topic is null ? null : _byTopic.GetValueOrDefault(topic);

    /// <summary>The stream whose open door a topic is.</summary>
    public StreamCheck? FindDoor(string topic) => _byIngest.GetValueOrDefault(topic);

    /// <summary>Personal fields of what goes to a topic; null where nothing is known.</summary>
    public PersonalFields? Personal(string? topic) => Find(topic)?.Personal;
}
