using RealTimeMesh.Pipelines;

namespace RealTimeMesh.StreamProcessor;

/// <summary>All streams of the selected pipelines with their workers.</summary>
internal sealed class StreamSet(IReadOnlyList<StreamWorker> workers) : IDisposable
{
    public IReadOnlyList<StreamWorker> Workers { get; } = workers;

    public (StreamWorker Worker, ViewDefinition View)? Find(string pipeline, string view)
    {
        foreach (var worker in Workers)
        {
            foreach (var definition in worker.Engine.Views)
            {
                if (definition.Pipeline == pipeline && definition.Name == view)
                    return (worker, definition);
            }
        }

        return null;
    }

    public void Dispose()
    {
        foreach (var worker in Workers)
            worker.Engine.Dispose();
    }
}
