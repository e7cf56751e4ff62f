using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.Sidecar;

namespace RealTimeMesh.Lakehouse.Tests;

/// <summary>A sidecar over a log in memory, for what the service publishes.</summary>
internal sealed class PublishingSidecar(WebApplication app, IPubSubBroker broker) : IAsyncDisposable
{
    public string PortSetting => $"--DAPR_GRPC_PORT={app.Services.GetRequiredService<SidecarPorts>().Grpc}";

    public static async Task<PublishingSidecar> StartAsync(string folder)
    {
        var spec = new ComponentSpec { Name = "pubsub", Type = "pubsub.in-memory-log", Metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["partitions"] = "2" } };
        var broker = (IPubSubBroker)await new InMemoryLogType().StartAsync(spec, new ComponentContext("lakehouse", folder, TimeProvider.System), default);
        var app = SidecarApp.Build(new SidecarOptions { AppId = "lakehouse", HttpPort = 0, GrpcPort = 0 }, [new SidecarComponent(spec, broker)], TimeProvider.System, _ => { });
        await app.StartAsync();
        return new PublishingSidecar(app, broker);
    }

    /// <summary>The dead letters on a topic with their ids.</summary>
    public async Task<IReadOnlyList<(string Id, DeadLetterRecord Record)>> LettersAsync(string topic)
    {
        List<(string, DeadLetterRecord)> letters = [];
        foreach (var partition in await broker.GetWatermarksAsync(topic, default))
        {
            foreach (var message in await broker.ReadAsync(topic, partition.Partition, partition.Low, int.MaxValue, default))
            {
                Assert.True(DeadLetterReader.TryRead(message.Value, out var record, out var error), error);
                letters.Add((message.Headers.Find("ce_id")!, record));
            }
        }

        return letters;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        await broker.DisposeAsync();
    }
}
