namespace RealTimeMesh.SidecarHost.Flags;

/// <summary>The flags of daprd with their defaults.</summary>
internal static class DaprdFlags
{
    private const string Actors = "actors";
    private const string ControlPlane = "the control plane";
    private const string Kubernetes = "Kubernetes";
    private const string Bindings = "bindings";

    public static IReadOnlyList<FlagDefinition> All { get; } =
    [
        .. Runtime(),
        .. Servers(),
        .. App(),
        .. Telemetry(),
        .. LeftOut(),
    ];

    private static IEnumerable<FlagDefinition> Runtime() =>
    [
        new("mode", FlagKind.Text, "standalone", "Where the runtime runs; only standalone is known"),
        new("app-id", FlagKind.Text, "", "Unique id of the app, for discovery and as prefix of its state"),
        new("resources-path", FlagKind.List, "", "Folder of resource files; may be given several times"),
        new("components-path", FlagKind.Text, "", "Former name of --resources-path") { Deprecated = "--resources-path" },
        new("config", FlagKind.List, "", "Configuration file; may be given several times, the last is the strongest"),
        new("dapr-graceful-shutdown-seconds", FlagKind.Number, "5", "Seconds a stop may take; 0 waits for ever"),
        new("dapr-block-shutdown-duration", FlagKind.Duration, "0s", "How long a stop is held back until the app is unhealthy"),
        new("hot-reload-reconcile-interval", FlagKind.Duration, "0s", "Time between two looks at all resource files; 0s for 60s"),
        new("version", FlagKind.Truth, "false", "Prints the version of the runtime"),
        new("build-info", FlagKind.Truth, "false", "Prints what the executable was built from"),
        new("wait", FlagKind.Truth, "false", "Waits until the outbound APIs of a running sidecar are ready"),
    ];

    private static IEnumerable<FlagDefinition> Servers() =>
    [
        new("dapr-http-port", FlagKind.Text, "3500", "Port of the HTTP API"),
        new("dapr-grpc-port", FlagKind.Text, "50001", "Port of the gRPC API"),
        new("dapr-listen-addresses", FlagKind.Text, "", "Addresses of both APIs, comma-separated; all where there is none"),
        new("unix-domain-socket", FlagKind.Text, "", "Folder for Unix sockets in place of the ports of both APIs"),
        new("dapr-internal-grpc-port", FlagKind.Text, "", "Port for other sidecars"),
        new("dapr-internal-grpc-listen-address", FlagKind.Text, "", "Address for other sidecars; all where there is none"),
        new("dapr-public-port", FlagKind.Text, "", "Port of health and metadata"),
        new("dapr-public-listen-address", FlagKind.Text, "", "Address of health and metadata; all where there is none"),
        new("allowed-origins", FlagKind.Text, "", "Origins whose cross-origin requests are answered, comma-separated"),
        new("max-body-size", FlagKind.Text, "4Mi", "Most bytes of a request, such as 8Mi"),
        new("dapr-http-max-request-size", FlagKind.Number, "4", "Most MiB of a request") { Deprecated = "--max-body-size 4Mi" },
        new("read-buffer-size", FlagKind.Text, "4Ki", "Most bytes of a request's headers, such as 16Ki"),
        new("dapr-http-read-buffer-size", FlagKind.Number, "4", "Most KiB of a request's headers") { Deprecated = "--read-buffer-size 4Ki" },
    ];

    private static IEnumerable<FlagDefinition> App() =>
    [
        new("app-port", FlagKind.Text, "", "Port the app listens on"),
        new("app-protocol", FlagKind.Text, "http", "How the app is spoken to: http, https, h2c, grpc, grpcs"),
        new("app-ssl", FlagKind.Truth, "false", "The app speaks TLS") { Deprecated = "--app-protocol https|grpcs" },
        new("app-channel-address", FlagKind.Text, "127.0.0.1", "Address the app listens on"),
        new("app-max-concurrency", FlagKind.Number, "-1", "Most calls of the app at once; -1 for no limit"),
        new("enable-app-health-check", FlagKind.Truth, "false", "Asks the app for its health"),
        new("app-health-check-path", FlagKind.Text, "/healthz", "Path of the health check; HTTP only"),
        new("app-health-probe-interval", FlagKind.Number, "5", "Seconds between two health checks"),
        new("app-health-probe-timeout", FlagKind.Number, "500", "Milliseconds a health check may take"),
        new("app-health-threshold", FlagKind.Number, "3", "Failed checks in a row that make the app unhealthy"),
        new("disable-init-endpoints", FlagKind.List, "", "Endpoints the app is not asked at its start: config, subscribe"),
    ];

    private static IEnumerable<FlagDefinition> Telemetry() =>
    [
        new("log-level", FlagKind.Text, "info", "Least level that is logged: debug, info, warn, error, fatal"),
        new("log-as-json", FlagKind.Truth, "false", "Logs JSON in place of text"),
        new("log-file", FlagKind.Text, "", "File for the log in place of standard output"),
        new("enable-api-logging", FlagKind.Truth, "false", "Logs the calls of the API"),
        new("enable-metrics", FlagKind.Truth, "true", "Serves metrics for Prometheus"),
        new("metrics-port", FlagKind.Text, "9090", "Port of the metrics"),
        new("metrics-listen-address", FlagKind.Text, "0.0.0.0", "Address of the metrics"),
        new("enable-profiling", FlagKind.Truth, "false", "Serves the profiling port"),
        new("profile-port", FlagKind.Text, "7777", "Port for profiling"),
    ];

    private static IEnumerable<FlagDefinition> LeftOut() =>
    [
        new("placement-host-address", FlagKind.Text, "", "Addresses of the placement service") { LeftOut = Actors },
        new("actors-service", FlagKind.Text, "", "Kind and address of the actors service") { Deprecated = "nothing", LeftOut = Actors },
        new("reminders-service", FlagKind.Text, "", "Kind and address of the reminders service") { Deprecated = "nothing", LeftOut = Actors },
        new("actors-disseminate-timeout", FlagKind.Duration, "30s", "Longest round of the placement service") { LeftOut = Actors },
        new("scheduler-host-address", FlagKind.List, "", "Addresses of the scheduler service") { LeftOut = "jobs" },
        new("scheduler-job-streams", FlagKind.Number, "3", "Streams to the scheduler service") { LeftOut = "jobs" },
        new("sentry-address", FlagKind.Text, "", "Address of the certificate authority") { LeftOut = ControlPlane },
        new("sentry-request-jwt-audiences", FlagKind.List, "", "Audiences of certificate requests") { LeftOut = ControlPlane },
        new("control-plane-address", FlagKind.Text, "", "Address of the control plane") { LeftOut = ControlPlane },
        new("control-plane-namespace", FlagKind.Text, "default", "Namespace of the control plane") { LeftOut = ControlPlane },
        new("control-plane-trust-domain", FlagKind.Text, "localhost", "Trust domain of the control plane") { LeftOut = ControlPlane },
        new("enable-mtls", FlagKind.Truth, "false", "Encrypts calls between sidecars") { LeftOut = "mTLS between sidecars" },
        new("disable-builtin-k8s-secret-store", FlagKind.Truth, "false", "Leaves out the Kubernetes secret store") { LeftOut = Kubernetes },
        new("app-binding-options-timeout", FlagKind.Duration, "3s", "Longest answer to the question for input bindings") { LeftOut = Bindings },
    ];
}
