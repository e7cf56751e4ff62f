using System.Net;
using RealTimeMesh.Components;
using RealTimeMesh.Kafka;
using RealTimeMesh.Redis;
using RealTimeMesh.RocksDb;
using RealTimeMesh.Sidecar;

namespace RealTimeMesh.SidecarHost;

/// <summary>One sidecar as a process of its own, with daprd's flags.</summary>
internal static class SidecarProcess
{
    public static async Task<int> RunAsync(string[] args)
    {
        var flags = new Flags(args);
        var setup = new SidecarSetup
        {
            Options = Options(flags),
            Resources = new SidecarResources
            {
                Paths = flags.All("resources-path"),
                Types = new ComponentTypeRegistry([new RocksDbPubSubType(), new KafkaPubSubType(), new RedisStateType(), new InMemoryPubSubType(), new InMemoryLogType(), new InMemoryStateType()]),
                Environment = Environment.GetEnvironmentVariable,
            },
        };
        await using var app = SidecarApp.Build(setup);
        using var stop = new CancellationTokenSource();
        using var interrupted = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGINT, Stop);
        using var terminated = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, Stop);
        await app.RunAsync(stop.Token);
        return 0;

        void Stop(System.Runtime.InteropServices.PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static SidecarOptions Options(Flags flags) => new()
    {
        AppId = flags.Last("app-id") ?? "",
        Namespace = Environment.GetEnvironmentVariable("NAMESPACE") ?? "default",
        HttpPort = flags.Number("dapr-http-port") ?? 3500,
        GrpcPort = flags.Number("dapr-grpc-port") ?? 50001,
        PublicPort = flags.Number("dapr-public-port"),
        MetricsPort = flags.Number("metrics-port") ?? 9090,
        ProfilePort = flags.Number("profile-port"),
        InternalGrpcPort = flags.Number("dapr-internal-grpc-port"),
        ListenAddresses = [.. (flags.Last("dapr-listen-addresses") ?? "127.0.0.1").Split(',').Select(IPAddress.Parse)],
        AppPort = flags.Number("app-port") ?? 0,
        AppProtocol = Enum.Parse<AppProtocol>(flags.Last("app-protocol") ?? "http", ignoreCase: true),
        ApiToken = Environment.GetEnvironmentVariable("DAPR_API_TOKEN"),
        AllowedOrigins = flags.Last("allowed-origins")?.Split(',') ?? [],
        AppApiToken = Environment.GetEnvironmentVariable("APP_API_TOKEN"),
    };
}
