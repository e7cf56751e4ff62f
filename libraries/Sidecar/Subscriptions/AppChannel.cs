using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using RealTimeMesh.Sidecar.Http;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>HTTP to the app: one pooled client, no proxy, no redirects.</summary>
internal sealed class AppChannel : IDisposable
{
    private const int MaxAnswerBytes = 16 * 1024 * 1024;

    private readonly HttpClient _client;
    private readonly SidecarOptions _options;
    private readonly TimeProvider _time;

    public AppChannel(SidecarOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            // The trace context of a delivery is the event's, not that of a surrounding activity.
            ActivityHeadersPropagator = null,
        })
        {
            BaseAddress = new UriBuilder(Uri.UriSchemeHttp, options.AppAddress, options.AppPort).Uri,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public void Dispose() => _client.Dispose();

    /// <summary>True as soon as the app's port takes connections.</summary>
    public async Task<bool> IsListeningAsync(CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(_options.AppAddress, _options.AppPort, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public async Task<(HttpStatusCode Status, byte[] Body)> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("dapr-app-id", _options.AppId);
        AddToken(request);
        using var response = await _client.SendAsync(request, cancellationToken);
        return (response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken));
    }

    /// <summary>
    /// Posts a delivery and reads the answer into a buffer. Throws <see cref="AppUnreachableException"/> where there is no whole answer.
    /// </summary>
    public async Task<HttpStatusCode> PostAsync(AppDelivery delivery, PooledBuffer answer, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, delivery.Path);
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
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, linked.Token);
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

    private void AddToken(HttpRequestMessage request)
    {
        if (_options.AppApiToken is { Length: > 0 } token)
            request.Headers.TryAddWithoutValidation("dapr-api-token", token);
    }
}

/// <summary>One request to the app.</summary>
internal readonly record struct AppDelivery(string Path, ReadOnlyMemory<byte> Body, MediaTypeHeaderValue ContentType, IReadOnlyList<KeyValuePair<string, string>> Headers);
