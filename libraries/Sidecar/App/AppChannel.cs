using System.Net;
using System.Net.Http.Headers;
using RealTimeMesh.Sidecar.Http;
using RealTimeMesh.Sidecar.Middleware;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.App;

/// <summary>HTTP to the app: one pooled client.</summary>
internal sealed class AppChannel : IDisposable
{
    private const int MaxAnswerBytes = 16 * 1024 * 1024;

    private readonly HttpClient _client;
    private readonly HttpMessageInvoker _probes;
    private readonly SidecarOptions _options;
    private readonly AppLimiter _limiter;
    private readonly SidecarMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly Version _version;
    private readonly string _healthPath;

    public AppChannel(SidecarOptions options, AppLimiter limiter, MiddlewarePipelines pipelines, SidecarMetrics metrics, TimeProvider time)
    {
        _options = options;
        _limiter = limiter;
        _metrics = metrics;
        _time = time;
        _version = options.AppProtocol.HttpVersion();
        _healthPath = "/" + options.AppHealth?.Path.TrimStart('/');
        var handler = AppTransport.CreateHandler(options);
        var behind = pipelines.ToApp(handler);
        Raw = new HttpMessageInvoker(behind, disposeHandler: false);
        _probes = new HttpMessageInvoker(handler, disposeHandler: false);
        _client = new HttpClient(behind) { BaseAddress = AppTransport.Address(options), Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The same connections for invocations, whose answers are not gathered.</summary>
    public HttpMessageInvoker Raw { get; }

    public void Dispose()
    {
        Raw.Dispose();
        _probes.Dispose();
        _client.Dispose();
    }

    /// <summary>Asks the app for its health, past its pipeline. A failed connection is a failed probe.</summary>
    public async Task<AppStatus> ProbeAsync(CancellationToken cancellationToken)
    {
        using var request = Create(HttpMethod.Get, _healthPath);
        request.RequestUri = new Uri(_client.BaseAddress!, _healthPath);
        var started = _time.GetTimestamp();
        try
        {
            using var response = await _probes.SendAsync(request, cancellationToken);
            _metrics.HttpProbed((int)response.StatusCode, _time.GetElapsedTime(started));
            return (int)response.StatusCode is >= 200 and <= 299
                ? AppStatus.Healthy
                : new AppStatus(false, $"Health check failed with status code: {(int)response.StatusCode}");
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            _metrics.HttpProbed((int)HttpStatusCode.InternalServerError, _time.GetElapsedTime(started));
            return new AppStatus(false, $"Network error: {exception.Message}");
        }
    }

    public async Task<(HttpStatusCode Status, byte[] Body)> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var request = Create(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("dapr-app-id", _options.AppId);
        AddToken(request);
        var started = _time.GetTimestamp();
        try
        {
            using var response = await _client.SendAsync(request, cancellationToken);
            Count(request, path, response, 0, started);
            return (response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken));
        }
        catch (HttpRequestException)
        {
            Count(request, path, null, 0, started);
            throw;
        }
    }

    /// <summary>
    /// Posts a delivery and reads the answer into a buffer. Throws <see cref="AppUnreachableException"/> where there is no whole answer.
    /// </summary>
    public async Task<HttpStatusCode> PostAsync(AppDelivery delivery, PooledBuffer answer, CancellationToken cancellationToken)
    {
        using var request = Create(HttpMethod.Post, delivery.Path);
        var content = new ReadOnlyMemoryContent(delivery.Body);
        content.Headers.ContentType = delivery.ContentType;
        request.Content = content;
        AddToken(request);
        foreach (var (name, value) in delivery.Headers)
            request.Headers.TryAddWithoutValidation(name, value);

        using var timeout = new CancellationTokenSource(_options.DeliveryTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var slot = await _limiter.EnterAsync(linked.Token);
            var started = _time.GetTimestamp();
            using var response = await SendAsync(request, delivery, started, linked.Token);
            Count(request, delivery.Path, response, delivery.Body.Length, started);
            await using var stream = await response.Content.ReadAsStreamAsync(linked.Token);
            if (!await answer.FillAsync(stream, MaxAnswerBytes, linked.Token))
                throw new AppUnreachableException($"the answer of {delivery.Path} is longer than {MaxAnswerBytes} bytes; expected the statuses of the delivery");
            return response.StatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new AppUnreachableException(
                timeout.IsCancellationRequested ? $"{delivery.Path} gave no answer within {_options.DeliveryTimeout}" : $"{delivery.Path}: {exception.Message}",
                exception);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, AppDelivery delivery, long started, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException)
        {
            Count(request, delivery.Path, null, delivery.Body.Length, started);
            throw;
        }
    }

    /// <param name="response">Null where there is none.</param>
    private void Count(HttpRequestMessage request, string path, HttpResponseMessage? response, int sent, long started) =>
        _metrics.HttpCalled(request.Method.Method, path, (int)(response?.StatusCode ?? HttpStatusCode.InternalServerError), sent, response?.Content.Headers.ContentLength, _time.GetElapsedTime(started));

    private HttpRequestMessage Create(HttpMethod method, string path) =>
        new(method, path) { Version = _version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

    private void AddToken(HttpRequestMessage request)
    {
        if (_options.AppApiToken is { Length: > 0 } token)
            request.Headers.TryAddWithoutValidation("dapr-api-token", token);
    }
}

/// <summary>One request to the app.</summary>
internal readonly record struct AppDelivery(string Path, ReadOnlyMemory<byte> Body, MediaTypeHeaderValue ContentType, IReadOnlyList<KeyValuePair<string, string>> Headers);
