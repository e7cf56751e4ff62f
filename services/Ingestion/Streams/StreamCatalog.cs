using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Streams;

/// <summary>All streams of the selected pipelines, in the order of their files.</summary>
internal sealed class StreamCatalog : IAsyncDisposable
{
    private readonly Dictionary<string, StreamRuntime> _byTopic;

    public StreamCatalog(IReadOnlyList<PipelineDefinition> pipelines, Func<StreamDefinition, PipelineDefinition, StreamRuntime> create)
    {
        Streams = [.. pipelines.SelectMany(pipeline => pipeline.Streams.Select(stream => create(stream, pipeline)))];
        _byTopic = Streams.ToDictionary(stream => stream.Spec.Topic, StringComparer.Ordinal);
    }

    public IReadOnlyList<StreamRuntime> Streams { get; }

    /// <summary>The stream of a topic <c>{pipeline}.{stream}</c>; null where there is none.</summary>
    public StreamRuntime? Find(string topic) => _byTopic.GetValueOrDefault(topic);

    public async ValueTask DisposeAsync()
    {
        foreach (var stream in Streams)
            await stream.DisposeAsync();
    }
}
