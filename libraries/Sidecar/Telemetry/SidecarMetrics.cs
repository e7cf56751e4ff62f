using System.Text;
using RealTimeMesh.Sidecar.Telemetry.Metrics;

namespace RealTimeMesh.Sidecar.Telemetry;

/// <summary>
/// Everything the sidecar counts, under daprd's names, written as Prometheus text. Pub/sub is counted once for a batch,
/// never for an event.
/// </summary>
internal sealed class SidecarMetrics
{
    private static readonly double[] SizeBounds = [.. ((int[])[10, 11, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32]).Select(power => Math.Pow(2, power))];

    /// <summary>daprd's, milliseconds.</summary>
    private static readonly double[] DefaultLatencyBounds =
        [1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 30, 40, 50, 65, 80, 100, 130, 160, 200, 250, 300, 400, 500, 650, 800, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];

    private static readonly LabelValues None = new("");

    private readonly List<IMetricFamily> _families = [];
    private readonly bool _increasedCardinality, _excludeVerbs, _recordErrorCodes;
    private readonly double[] _latencyBounds;
    private readonly MetricContext _context;
    private readonly PathLabels _paths;
    private readonly string _namespace;
    private readonly Counter _ingress, _bulkIngress, _bulkIngressEvents, _egress, _bulkEgress, _bulkEgressEvents, _state, _secret, _errors;
    private readonly Histogram _ingressLatency, _bulkIngressLatency, _egressLatency, _bulkEgressLatency, _stateLatency, _secretLatency;
    private readonly Counter _httpRequests, _httpResponses, _httpClient, _httpProbes, _grpcRpcs, _grpcClient, _grpcProbes;
    private readonly Histogram _httpLatency, _httpRequestBytes, _httpResponseBytes, _httpClientLatency, _httpClientSent, _httpClientReceived, _httpProbeLatency;
    private readonly Histogram _grpcLatency, _grpcReceived, _grpcSent, _grpcClientLatency, _grpcClientSent, _grpcClientReceived, _grpcProbeLatency;
    private readonly Counter _componentsLoaded, _componentsStarted, _componentsFailed;
    private readonly Counter _invokeSent, _invokeReceived, _invokeAnswered, _invokeAnswers;
    private readonly Histogram _invokeLatency;
    private readonly Counter _policiesLoaded, _policies, _activations;
    private readonly Gauge _breakers;

    public SidecarMetrics(SidecarSetup setup)
    {
        var (options, settings) = (setup.Options, setup.Configuration.Metrics);
        Enabled = settings.IsEnabled;
        _increasedCardinality = settings.IncreasedCardinality;
        _excludeVerbs = settings.Http?.ExcludeVerbs ?? false;
        _recordErrorCodes = settings.RecordErrorCodes ?? false;
        _latencyBounds = settings.LatencyBuckets is { } buckets ? [.. buckets.Select(bound => (double)bound)] : DefaultLatencyBounds;
        _context = new MetricContext(options.AppId, settings.Rules);
        _paths = new PathLabels(settings);
        _namespace = options.MetricsNamespace;

        string[] ingress = ["component", "namespace", "process_status", "status", "topic"];
        _ingress = Count("component_pubsub_ingress_count", "The number of messages that arrived from a pub/sub component.", ingress);
        _ingressLatency = Latency("component_pubsub_ingress_latencies", "How long the app took for an event, in milliseconds.", ingress);
        string[] bulkIngress = ["component", "namespace", "process_status", "topic"];
        _bulkIngress = Count("component_pubsub_ingress_bulk_count", "The number of bulk deliveries.", bulkIngress);
        _bulkIngressEvents = Count("component_pubsub_ingress_bulk_event_count", "The number of messages in bulk deliveries.", bulkIngress);
        _bulkIngressLatency = Latency("component_pubsub_ingress_bulk_latencies", "How long the app took for a bulk delivery, in milliseconds.", bulkIngress);
        string[] egress = ["component", "namespace", "success", "topic"];
        _egress = Count("component_pubsub_egress_count", "The number of messages published to a pub/sub component.", egress);
        _egressLatency = Latency("component_pubsub_egress_latencies", "How long a pub/sub component took for a publish, in milliseconds.", egress);
        _bulkEgress = Count("component_pubsub_egress_bulk_count", "The number of bulk publishes.", egress);
        _bulkEgressEvents = Count("component_pubsub_egress_bulk_event_count", "The number of messages published in bulk.", egress);
        _bulkEgressLatency = Latency("component_pubsub_egress_bulk_latencies", "How long a pub/sub component took for a bulk publish, in milliseconds.", egress);
        string[] operation = ["component", "namespace", "operation", "success"];
        _state = Count("component_state_count", "The number of operations on a state store.", operation);
        _stateLatency = Latency("component_state_latencies", "How long a state store took for an operation, in milliseconds.", operation);
        _secret = Count("component_secret_count", "The number of operations on a secret store.", operation);
        _secretLatency = Latency("component_secret_latencies", "How long a secret store took for an operation, in milliseconds.", operation);
        _errors = Count("error_code_total", "The number of errors by their code.", ["category", "error_code"]);

        string[] http = ["method", "path", "status"];
        _httpRequests = Count("http_server_request_count", "The number of HTTP requests served.", http);
        _httpResponses = Count("http_server_response_count", "The number of HTTP responses.", http);
        _httpLatency = Latency("http_server_latency", "How long HTTP requests took, in milliseconds.", http);
        _httpRequestBytes = Size("http_server_request_bytes", "Length of HTTP request bodies that tell it, in bytes.", []);
        _httpResponseBytes = Size("http_server_response_bytes", "Length of HTTP response bodies, in bytes.", []);
        _httpClient = Count("http_client_completed_count", "The number of HTTP requests to the app.", http);
        _httpClientLatency = Latency("http_client_roundtrip_latency", "How long HTTP requests to the app took, in milliseconds.", http);
        _httpClientSent = Size("http_client_sent_bytes", "Length of bodies sent to the app, in bytes.", http);
        _httpClientReceived = Size("http_client_received_bytes", "Length of bodies the app answered, in bytes.", []);
        _httpProbes = Count("http_healthprobes_completed_count", "The number of health probes of the app over HTTP.", ["status"]);
        _httpProbeLatency = Latency("http_healthprobes_roundtrip_latency", "How long health probes of the app over HTTP took, in milliseconds.", ["status"]);

        _grpcRpcs = Count("grpc_io_server_completed_rpcs", "The number of gRPC calls served.", ["grpc_server_method", "grpc_server_status"]);
        _grpcLatency = Latency("grpc_io_server_server_latency", "How long gRPC calls took, in milliseconds.", ["grpc_server_method", "grpc_server_status"]);
        _grpcReceived = Size("grpc_io_server_received_bytes_per_rpc", "Length of gRPC requests, in bytes.", ["grpc_server_method"]);
        _grpcSent = Size("grpc_io_server_sent_bytes_per_rpc", "Length of gRPC answers, in bytes.", ["grpc_server_method"]);
        _grpcClient = Count("grpc_io_client_completed_rpcs", "The number of gRPC calls of the app or of other sidecars.", ["grpc_client_method", "grpc_client_status"]);
        _grpcClientLatency = Latency("grpc_io_client_roundtrip_latency", "How long gRPC calls of the app or of other sidecars took, in milliseconds.", ["grpc_client_method", "grpc_client_status"]);
        _grpcClientSent = Size("grpc_io_client_sent_bytes_per_rpc", "Length of gRPC requests to the app, in bytes.", ["grpc_client_method"]);
        _grpcClientReceived = Size("grpc_io_client_received_bytes_per_rpc", "Length of the app's gRPC answers, in bytes.", ["grpc_client_method"]);
        _grpcProbes = Count("grpc_io_healthprobes_completed_count", "The number of health probes of the app over gRPC.", ["grpc_client_status"]);
        _grpcProbeLatency = Latency("grpc_io_healthprobes_roundtrip_latency", "How long health probes of the app over gRPC took, in milliseconds.", ["grpc_client_status"]);

        _componentsLoaded = Count("runtime_component_loaded", "The number of components read.", []);
        _componentsStarted = Count("runtime_component_init_total", "The number of components started.", ["component"]);
        _componentsFailed = Count("runtime_component_init_fail_total", "The number of components that could not be started.", ["component", "reason", "componentName"]);

        _invokeSent = Count("runtime_service_invocation_req_sent_total", "The number of invocations sent.", ["dst_app_id", "type"]);
        _invokeReceived = Count("runtime_service_invocation_req_recv_total", "The number of invocations received.", ["src_app_id"]);
        _invokeAnswered = Count("runtime_service_invocation_res_sent_total", "The number of answers to invocations sent.", ["dst_app_id", "status"]);
        _invokeAnswers = Count("runtime_service_invocation_res_recv_total", "The number of answers to invocations received.", ["src_app_id", "status", "type"]);
        _invokeLatency = Latency("runtime_service_invocation_res_recv_latency_ms", "How long invocations took, in milliseconds.", ["src_app_id", "status"]);

        string[] policy = ["flow_direction", "name", "namespace", "policy", "status", "target"];
        _policiesLoaded = Count("resiliency_loaded", "The number of resiliency policies read.", ["name", "namespace"]);
        _policies = Count("resiliency_count", "The number of times a resiliency policy was applied.", policy);
        _activations = Count("resiliency_activations_total", "The number of times a resiliency policy took effect.", policy);
        _breakers = Gauge("resiliency_cb_state", "State of a circuit breaker: the one it is in has value 1.", policy);
    }

    public bool Enabled { get; }

    public void Published(string component, string topic, bool success, bool bulk, int events, TimeSpan elapsed)
    {
        var labels = new LabelValues(component, _namespace, Text(success), topic);
        (bulk ? _bulkEgress : _egress).Add(labels);
        (bulk ? _bulkEgressLatency : _egressLatency).Record(labels, elapsed.TotalMilliseconds);
        if (bulk && events > 0)
            _bulkEgressEvents.Add(labels with { Third = "true" }, events);
    }

    /// <summary>Counts delivered events by what became of them: <c>success</c>, <c>retry</c>, <c>drop</c>.</summary>
    /// <param name="outcome">How the app answered, where that says more than the status; null for the status.</param>
    public void Delivered(string component, string topic, string status, bool bulk, int events, TimeSpan? elapsed = null, string? outcome = null)
    {
        if (bulk)
        {
            _bulkIngressEvents.Add(new LabelValues(component, _namespace, status, topic), events);
            return;
        }

        var labels = new LabelValues(component, _namespace, status, outcome ?? status, topic);
        _ingress.Add(labels, events);
        if (elapsed is { } time)
            _ingressLatency.Record(labels, time.TotalMilliseconds);
    }

    public void BulkDelivery(string component, string topic, TimeSpan elapsed)
    {
        var labels = new LabelValues(component, _namespace, "", topic);
        _bulkIngress.Add(labels);
        _bulkIngressLatency.Record(labels, elapsed.TotalMilliseconds);
    }

    public void State(string component, string operation, bool success, TimeSpan elapsed)
    {
        var labels = new LabelValues(component, _namespace, operation, Text(success));
        _state.Add(labels);
        _stateLatency.Record(labels, elapsed.TotalMilliseconds);
    }

    public void Secret(string component, string operation, bool success, TimeSpan elapsed)
    {
        var labels = new LabelValues(component, _namespace, operation, Text(success));
        _secret.Add(labels);
        _secretLatency.Record(labels, elapsed.TotalMilliseconds);
    }

    public void Error(string category, string code)
    {
        if (_recordErrorCodes && code.Length > 0)
            _errors.Add(new LabelValues(category, code));
    }

    /// <summary>Counts a served HTTP request.</summary>
    /// <param name="path">Path of the request in order: no repeated slashes.</param>
    public void HttpServed(string method, string path, int status, long requestBytes, long responseBytes, TimeSpan elapsed)
    {
        var labels = new LabelValues(_excludeVerbs ? "" : KnownMethod(method), _paths.Of(path), StatusTexts.Http(status));
        _httpRequests.Add(labels);
        _httpLatency.Record(labels, elapsed.TotalMilliseconds);
        if (_increasedCardinality)
            _httpResponses.Add(labels);
        _httpRequestBytes.Record(None, requestBytes);
        _httpResponseBytes.Record(None, responseBytes);
    }

    /// <summary>Counts a request to the app over HTTP.</summary>
    /// <param name="path">The method as the caller named it, or the path of a delivery.</param>
    /// <param name="responseBytes">Null where the answer does not tell its length.</param>
    public void HttpCalled(string method, string path, int status, long requestBytes, long? responseBytes, TimeSpan elapsed)
    {
        if (!Enabled)
            return;
        var labels = new LabelValues(_excludeVerbs ? "" : KnownMethod(method), _paths.Of(path), StatusTexts.Http(status));
        _httpClient.Add(labels);
        _httpClientLatency.Record(labels, elapsed.TotalMilliseconds);
        _httpClientSent.Record(labels with { Third = "" }, requestBytes);
        _httpClientReceived.Record(None, responseBytes ?? 0);
    }

    public void HttpProbed(int status, TimeSpan elapsed)
    {
        _httpProbes.Add(new LabelValues(StatusTexts.Http(status)));
        _httpProbeLatency.Record(new LabelValues(StatusTexts.Http(status)), elapsed.TotalMilliseconds);
    }

    /// <summary>Counts a served gRPC call. Sizes are null for streams.</summary>
    public void GrpcServed(string method, global::Grpc.Core.StatusCode status, long? requestBytes, long? responseBytes, TimeSpan elapsed)
    {
        var labels = new LabelValues(method, StatusTexts.Grpc(status));
        _grpcRpcs.Add(labels);
        _grpcLatency.Record(labels, elapsed.TotalMilliseconds);
        if (requestBytes is { } received)
            _grpcReceived.Record(new LabelValues(method), received);
        if (responseBytes is { } sent)
            _grpcSent.Record(new LabelValues(method), sent);
    }

    /// <summary>Counts a gRPC call of the app or of another sidecar.</summary>
    /// <remarks>Sizes are null for streams.</remarks>
    public void GrpcCalled(string method, global::Grpc.Core.StatusCode status, long? requestBytes, long? responseBytes, TimeSpan elapsed)
    {
        if (requestBytes is { } sent)
            _grpcClientSent.Record(new LabelValues(method), sent);
        if (responseBytes is { } received)
            _grpcClientReceived.Record(new LabelValues(method), received);
        var labels = new LabelValues(method, StatusTexts.Grpc(status));
        _grpcClient.Add(labels);
        _grpcClientLatency.Record(labels, elapsed.TotalMilliseconds);
    }

    public void GrpcProbed(global::Grpc.Core.StatusCode status, TimeSpan elapsed)
    {
        _grpcProbes.Add(new LabelValues(StatusTexts.Grpc(status)));
        _grpcProbeLatency.Record(new LabelValues(StatusTexts.Grpc(status)), elapsed.TotalMilliseconds);
    }

    public void ComponentLoaded() => _componentsLoaded.Add(new LabelValues(""));

    public void ComponentStarted(string type) => _componentsStarted.Add(new LabelValues(type));

    public void ComponentFailed(string type, string reason, string name) => _componentsFailed.Add(new LabelValues(type, reason, name));

    /// <param name="target">App id that is called.</param>
    /// <param name="type"><c>unary</c> or <c>streaming</c>.</param>
    public void InvocationSent(string target, string type) => _invokeSent.Add(new LabelValues(target, type));

    public void InvocationReceived(string source) => _invokeReceived.Add(new LabelValues(source));

    public void InvocationAnswered(string target, int status) => _invokeAnswered.Add(new LabelValues(target, StatusTexts.Http(status)));

    public void InvocationCompleted(string target, int status, string type, TimeSpan? elapsed)
    {
        _invokeAnswers.Add(new LabelValues(target, StatusTexts.Http(status), type));
        if (elapsed is { } time)
            _invokeLatency.Record(new LabelValues(target, StatusTexts.Http(status)), time.TotalMilliseconds);
    }

    public void PolicyLoaded(string name, string policyNamespace) => _policiesLoaded.Add(new LabelValues(name, policyNamespace));

    public void PolicyExecuted(string name, string policyNamespace, string policy, string direction, string target, string status = "")
    {
        var labels = new LabelValues(direction, name, policyNamespace, policy, status, target);
        _policies.Add(labels);
        if (policy != "circuitbreaker")
            return;
        foreach (var state in (ReadOnlySpan<string>)["closed", "half-open", "open", "unknown"])
            _breakers.Set(labels with { Fifth = state }, state == status ? 1 : 0);
    }

    public void PolicyActivated(string name, string policyNamespace, string policy, string direction, string target, string status = "") =>
        _activations.Add(new LabelValues(direction, name, policyNamespace, policy, status, target));

    /// <summary>Everything counted so far, in Prometheus' text format 0.0.4.</summary>
    public string Render()
    {
        var text = new StringBuilder();
        foreach (var family in _families)
            family.Write(text);
        ProcessMetrics.Write(text);
        return text.ToString();
    }

    private Counter Count(string name, string help, string[] labels) => Add(new Counter($"dapr_{name}", help, labels, _context));

    private Gauge Gauge(string name, string help, string[] labels) => Add(new Gauge($"dapr_{name}", help, labels, _context));

    private Histogram Latency(string name, string help, string[] labels) => Add(new Histogram($"dapr_{name}", help, labels, _latencyBounds, _context));

    private Histogram Size(string name, string help, string[] labels) => Add(new Histogram($"dapr_{name}", help, labels, SizeBounds, _context));

    private T Add<T>(T family)
        where T : IMetricFamily
    {
        _families.Add(family);
        return family;
    }

    private static string Text(bool success) => success ? "true" : "false";

    private static string KnownMethod(string method) => method is "GET" or "PUT" or "POST" or "PATCH" or "DELETE" or "HEAD" or "OPTIONS" or "CONNECT" or "TRACE" ? method : "UNKNOWN";
}
