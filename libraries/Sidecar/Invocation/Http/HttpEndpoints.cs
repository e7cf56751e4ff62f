using System.Net;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Sidecar.App;
using RealTimeMesh.Sidecar.Middleware;

namespace RealTimeMesh.Sidecar.Invocation.Http;

/// <summary>The HTTP servers that can be called besides apps: endpoints by name, others by their address in the request.</summary>
internal sealed class HttpEndpoints : IDisposable
{
    private readonly SidecarOptions _options;
    private readonly MiddlewarePipelines _pipelines;
    private readonly ILogger<HttpEndpoints> _logger;
    private readonly AppLimiter _anyLimiter;
    private readonly HttpMessageInvoker _anyClient;
    private volatile Dictionary<string, Entry> _named = new(StringComparer.Ordinal);

    public HttpEndpoints(SidecarOptions options, MiddlewarePipelines pipelines, ILogger<HttpEndpoints> logger)
    {
        _options = options;
        _pipelines = pipelines;
        _logger = logger;
        _anyLimiter = new AppLimiter(options.AppMaxConcurrency);
        _anyClient = CreateClient(redirects: false);
    }

    /// <summary>Names in the order they were given.</summary>
    public IReadOnlyList<string> Names => [.. _named.Keys];

    /// <summary>Replaces the named endpoints. Calls in flight end with what they began with; one with faulty keys is logged and fails its calls.</summary>
    public void Set(IReadOnlyList<HttpEndpoint> endpoints)
    {
        var current = _named;
        var next = new Dictionary<string, Entry>(StringComparer.Ordinal);
        foreach (var endpoint in endpoints)
            next[endpoint.Name] = current.TryGetValue(endpoint.Name, out var same) && same.Endpoint == endpoint ? same : Open(endpoint);
        _named = next;
    }

    public bool IsNamed(string target) => _named.ContainsKey(target);

    /// <summary>The endpoint of that name, or the server of that address; null where the target is an app.</summary>
    public HttpTarget? Find(string target)
    {
        if (_named.TryGetValue(target, out var named))
            return named.Target ?? throw new InvokeException(named.Fault!);
        if (!IsAddress(target))
            return null;
        if (!Uri.TryCreate(target, UriKind.Absolute, out _))
            throw new InvokeException($"parse {GoText.Quote(target)}: invalid URL; expected http://host:port");
        return new HttpTarget(target.TrimEnd('/'), HttpVersion.Version11, _anyClient, _anyLimiter);
    }

    public static bool IsAddress(string target) => target.StartsWith("http://", StringComparison.Ordinal) || target.StartsWith("https://", StringComparison.Ordinal);

    /// <summary>The base address of a named endpoint; null where there is none.</summary>
    public string? BaseUrl(string target) => _named.TryGetValue(target, out var named) ? named.Endpoint.BaseUrl : null;

    public void Dispose()
    {
        _anyClient.Dispose();
        _anyLimiter.Dispose();
    }

    private Entry Open(HttpEndpoint endpoint)
    {
        try
        {
            return new Entry(
                endpoint,
                new HttpTarget(endpoint.BaseUrl.TrimEnd('/'), HttpVersion.Version11, CreateClient(redirects: true, endpoint), new AppLimiter(_options.AppMaxConcurrency))
                {
                    StreamClient = CreateClient(redirects: false, endpoint),
                    Headers = endpoint.Headers,
                },
                null);
        }
        catch (InvokeException exception)
        {
            Log.EndpointRefused(_logger, endpoint.Name, exception.Message);
            return new Entry(endpoint, null, exception.Message);
        }
    }

    private HttpMessageInvoker CreateClient(bool redirects, HttpEndpoint? endpoint = null) => new(_pipelines.ToApp(CreateHandler(redirects, endpoint)));

    private static SocketsHttpHandler CreateHandler(bool redirects, HttpEndpoint? endpoint)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = redirects,
            MaxAutomaticRedirections = 10,
            AutomaticDecompression = DecompressionMethods.None,
            MaxConnectionsPerServer = 1024,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ActivityHeadersPropagator = null,
        };
        if (endpoint is not null)
            handler.SslOptions = EndpointTls.Options(endpoint);
        return handler;
    }

    private sealed record Entry(HttpEndpoint Endpoint, HttpTarget? Target, string? Fault);
}
