using System.Text.Json;

namespace RealTimeMesh.Benchmarks.Load;

/// <summary>What a sidecar says of itself on its profile port. The difference of two is what happened in between.</summary>
internal readonly record struct RuntimeFacts(double WorkingSetBytes, double HeapBytes, double AllocatedBytes, double ProcessorMilliseconds, double Collections, double Threads, double PendingWork)
{
    public static RuntimeFacts Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        return new RuntimeFacts(Of("workingSetBytes"), Of("heapBytes"), Of("allocatedBytes"), Of("processorMilliseconds"), Of("gen0Collections"), Of("threads"), Of("pendingWork"));

        double Of(string name) => root.GetProperty(name).GetDouble();
    }

    public static RuntimeFacts operator -(RuntimeFacts after, RuntimeFacts before) => after with
    {
        AllocatedBytes = after.AllocatedBytes - before.AllocatedBytes,
        ProcessorMilliseconds = after.ProcessorMilliseconds - before.ProcessorMilliseconds,
        Collections = after.Collections - before.Collections,
    };
}
