using System.Globalization;
using System.Net;
using RealTimeMesh.Contracts;
using RealTimeMesh.Sidecar;
using RealTimeMesh.Sidecar.Configurations;

namespace RealTimeMesh.SidecarHost.Flags;

/// <summary>Turns flags, environment and configuration into the settings of a sidecar. Throws in daprd's words where they do not fit together.</summary>
internal sealed class SettingsReader(FlagSet flags, Func<string, string?> environment)
{
    private static readonly string[] InitEndpoints = ["config", "subscribe"];

    public SidecarOptions Read(SidecarConfiguration configuration)
    {
        var id = flags.Text("app-id");
        CheckMode();
        if (id.Length == 0)
            throw new RealTimeMeshException("parameter app-id cannot be empty");
        if (id.Contains('.', StringComparison.Ordinal))
            throw new RealTimeMeshException("parameter app-id cannot contain dots");
        var options = new SidecarOptions
        {
            AppId = id,
            Namespace = environment("NAMESPACE") ?? "default",
            MetricsNamespace = environment("NAMESPACE") ?? "",
            HttpPort = Port("dapr-http-port", "error parsing dapr-http-port flag"),
            GrpcPort = Port("dapr-grpc-port", "error parsing dapr-grpc-port flag"),
            UnixSocketFolder = flags.Text("unix-domain-socket") is { Length: > 0 } folder ? folder : null,
            PublicPort = flags.Text("dapr-public-port").Length > 0 ? Port("dapr-public-port", "error parsing dapr-public-port") : null,
            InternalGrpcPort = flags.Text("dapr-internal-grpc-port") is "" or "0" ? StablePort.For(id) : Port("dapr-internal-grpc-port", "error parsing dapr-internal-grpc-port"),
            MetricsPort = flags.Truth("enable-metrics") && configuration.Metrics.IsEnabled ? Port("metrics-port", "failed to parse metrics port") : null,
            ProfilePort = Port("profile-port", "error parsing profile-port flag") is var profile && flags.Truth("enable-profiling") ? profile : null,
            ListenAddresses = ListenAddresses.Many("dapr-listen-addresses", flags.Text("dapr-listen-addresses")),
            PublicListenAddress = Address("dapr-public-listen-address"),
            MetricsListenAddress = Address("metrics-listen-address"),
            InternalGrpcListenAddress = Address("dapr-internal-grpc-listen-address"),
            HostAddress = environment("DAPR_HOST_IP") is { Length: > 0 } host ? host : null,
            AppPort = flags.Text("app-port").Length > 0 ? Port("app-port", "error parsing app-port") : 0,
            AppAddress = flags.Text("app-channel-address"),
            AppProtocol = Protocol(),
            AppMaxConcurrency = flags.Number("app-max-concurrency") is var most and > 0 ? most : 0,
            AppHealth = Health(),
            DisabledInitEndpoints = DisabledInitEndpoints(),
            ApiToken = Token("DAPR_API_TOKEN"),
            AppApiToken = Token("APP_API_TOKEN"),
            AllowedOrigins = flags.Text("allowed-origins").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            ApiLogging = flags.IsGiven("enable-api-logging") ? flags.Truth("enable-api-logging") : configuration.ApiLogging.Enabled,
            MaxBodyBytes = Size("max-body-size", "dapr-http-max-request-size", 20),
            ReadBufferBytes = Size("read-buffer-size", "dapr-http-read-buffer-size", 10),
            GracefulShutdown = Grace(),
            DeliveryTimeout = Timeout.InfiniteTimeSpan,
        };
        if (options.AppPort == options.HttpPort)
            throw new RealTimeMeshException($"the 'dapr-http-port' argument value {options.HttpPort} conflicts with 'app-port'");
        if (options.AppPort == options.GrpcPort)
            throw new RealTimeMeshException($"the 'dapr-grpc-port' argument value {options.GrpcPort} conflicts with 'app-port'");
        return options;
    }

    private void CheckMode()
    {
        var mode = flags.Text("mode");
        if (mode == "kubernetes")
            throw new RealTimeMeshException("invalid mode: kubernetes; found a mode this executable leaves out, expected standalone; use daprd in a cluster");
        if (mode != "standalone")
            throw new RealTimeMeshException($"invalid mode: {mode}");
    }

    private int Port(string flag, string fault)
    {
        var text = flags.Text(flag);
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var port))
            throw new RealTimeMeshException($"{fault}: strconv.Atoi: parsing \"{text}\": invalid syntax");
        return port is >= 0 and <= IPEndPoint.MaxPort
            ? port
            : throw new RealTimeMeshException($"{fault}: found {port}; expected a port from 0 to {IPEndPoint.MaxPort}");
    }

    private IPAddress Address(string flag) => ListenAddresses.One(flag, flags.Text(flag));

    private string? Token(string variable) => environment(variable) is { Length: > 0 } token ? token : null;

    private AppProtocol Protocol()
    {
        var text = flags.Text("app-protocol");
        var protocol = text.ToLowerInvariant() switch
        {
            "" or "http" => AppProtocol.Http,
            "https" => AppProtocol.Https,
            "h2c" => AppProtocol.H2c,
            "grpc" => AppProtocol.Grpc,
            "grpcs" => AppProtocol.Grpcs,
            _ => throw new RealTimeMeshException($"invalid value for 'app-protocol': {text}"),
        };
        if (!flags.Truth("app-ssl"))
            return protocol;
        return protocol switch
        {
            AppProtocol.Http => AppProtocol.Https,
            AppProtocol.Grpc => AppProtocol.Grpcs,
            _ => protocol,
        };
    }

    private AppHealthOptions? Health()
    {
        var defaults = new AppHealthOptions();
        var interval = flags.Number("app-health-probe-interval") is var seconds and > 0 ? TimeSpan.FromSeconds(seconds) : defaults.ProbeInterval;
        var timeout = flags.Number("app-health-probe-timeout") is var milliseconds and > 0 ? TimeSpan.FromMilliseconds(milliseconds) : defaults.ProbeTimeout;
        if (timeout > interval)
            throw new RealTimeMeshException("value for 'health-probe-timeout' must be smaller than 'health-probe-interval'");
        return !flags.Truth("enable-app-health-check") ? null : new AppHealthOptions
        {
            Path = flags.Text("app-health-check-path"),
            ProbeInterval = interval,
            ProbeTimeout = timeout,
            Threshold = flags.Number("app-health-threshold") is var threshold and > 0 ? threshold : defaults.Threshold,
        };
    }

    private HashSet<string> DisabledInitEndpoints()
    {
        var endpoints = flags.Texts("disable-init-endpoints").Select(endpoint => endpoint.Trim().ToLowerInvariant()).Where(endpoint => endpoint.Length > 0).ToHashSet(StringComparer.Ordinal);
        return endpoints.FirstOrDefault(endpoint => !InitEndpoints.Contains(endpoint, StringComparer.Ordinal)) is { } unknown
            ? throw new RealTimeMeshException($"invalid value for 'disable-init-endpoints': {unknown}")
            : endpoints;
    }

    /// <summary>A size in the current flag, else in the deprecated one, whose unit is a power of two; -1 asks for the default.</summary>
    private int Size(string flag, string deprecated, int shift)
    {
        if (!flags.IsGiven(flag) && flags.IsGiven(deprecated) && flags.Number(deprecated) is var units and > 0)
            return checked(units << shift);
        var bytes = Quantity.Bytes(flag, flags.Text(flag));
        return bytes == -1 ? 4 << shift : bytes;
    }

    private TimeSpan Grace() => flags.Number("dapr-graceful-shutdown-seconds") switch
    {
        < 0 => TimeSpan.FromSeconds(5),
        0 => Timeout.InfiniteTimeSpan,
        var seconds => TimeSpan.FromSeconds(seconds),
    };
}
