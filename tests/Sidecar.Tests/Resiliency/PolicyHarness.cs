using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Tests.Harness;
using DaprGrpc = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace RealTimeMesh.Sidecar.Tests.Resiliency;

/// <summary>A sidecar in this process with a Resiliency document, over components of the test.</summary>
internal sealed class PolicyHarness : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("policies").FullName;
    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;

    private PolicyHarness(string spec, int appPort, IReadOnlyList<SidecarComponent> components)
    {
        File.WriteAllText(Path.Combine(_folder, "0.yaml"), $"apiVersion: dapr.io/v1alpha1\nkind: Resiliency\nmetadata:\n  name: myresiliency\nspec:\n{string.Join('\n', spec.Split('\n').Select(line => "  " + line))}");
        _app = SidecarApp.Build(new SidecarSetup
        {
            Options = new SidecarOptions { AppId = "app1", HttpPort = 0, GrpcPort = 0, AppPort = appPort },
            Components = components,
            Resources = new SidecarResources { Paths = [_folder], Types = new ComponentTypeRegistry([]) },
            Logging = _ => { },
        });
        _channel = null!;
    }

    private PolicyHarness(PolicyHarness started, int httpPort, int grpcPort)
    {
        (_folder, _app) = (started._folder, started._app);
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{httpPort}") };
        _channel = GrpcChannel.ForAddress($"http://127.0.0.1:{grpcPort}");
        Grpc = new DaprGrpc(_channel);
    }

    public HttpClient Http { get; } = null!;

    public DaprGrpc Grpc { get; } = null!;

    public static async Task<PolicyHarness> StartAsync(string spec, int appPort, params (string Name, IAsyncDisposable Component)[] components)
    {
        var harness = new PolicyHarness(spec, appPort, [.. components.Select(component => new SidecarComponent(new ComponentSpec { Name = component.Name, Type = "test" }, component.Component))]);
        await harness._app.StartAsync();
        var ports = harness._app.Services.GetRequiredService<SidecarPorts>();
        var started = new PolicyHarness(harness, ports.Http, ports.Grpc);
        await Eventually.TrueAsync(async () => (await started.Http.GetAsync("/v1.0/healthz")).IsSuccessStatusCode, () => "a ready sidecar");
        return started;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
