using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Resiliency;

namespace RealTimeMesh.Sidecar.Tests.Resiliency;

/// <summary>Providers over YAML, on a clock that moves by hand.</summary>
internal sealed class Policies
{
    public FakeTimeProvider Time { get; } = new();

    public RecordingLogger Logger { get; } = new();

    public RecordingMetrics Metrics { get; } = new();

    public static ResiliencyDocument Document(string yaml) => ResiliencyReader.Read(ResourceFile.Read(yaml, "test.yaml").Documents[0]);

    /// <summary>A document of the given <c>spec</c>.</summary>
    public static ResiliencyDocument Spec(string spec, string name = "myresiliency") =>
        Document($"apiVersion: dapr.io/v1alpha1\nkind: Resiliency\nmetadata:\n  name: {name}\nspec:\n{string.Join('\n', spec.Split('\n').Select(line => "  " + line))}");

    public ResiliencyProvider Provider(params ResiliencyDocument[] documents) => new(documents, Time, Logger, Metrics, new Random(1));

    public ResiliencyProvider Provider(string spec) => Provider(Spec(spec));

    /// <summary>Lets the clock run until a task ends.</summary>
    public async Task<T> FinishAsync<T>(Task<T> task, TimeSpan step)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        while (!task.IsCompleted)
        {
            limit.Token.ThrowIfCancellationRequested();
            Time.Advance(step);
            await Task.Yield();
        }

        return await task;
    }
}

internal sealed class RecordingMetrics : IResiliencyMetrics
{
    public List<string> Documents { get; } = [];

    public List<PolicyUse> Uses { get; } = [];

    public List<PolicyUse> Activations { get; } = [];

    public void Loaded(string name, string @namespace) => Documents.Add(name);

    public void Executed(in PolicyUse use) => Uses.Add(use);

    public void Activated(in PolicyUse use) => Activations.Add(use);
}
