using System.Text.Json;

namespace RealTimeMesh.Console.Backends;

/// <summary>Gets JSON from a service, within a time and a size.</summary>
internal sealed class BackendClient : IDisposable
{
    /// <summary>Largest answer taken, bytes: 500 dead letters with their previews.</summary>
    private const int MaxAnswerBytes = 16 * 1024 * 1024;

    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;

    public BackendClient(ConsoleOptions options, TimeProvider time)
    {
        _time = time;
        _timeout = options.Timeout;
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
    }

    /// <summary>The answer of <paramref name="path"/> at a service; a fault of the service is a value.</summary>
    public Task<Fetched<T>> GetAsync<T>(Uri service, string path, CancellationToken cancellationToken)
        where T : class => SendAsync<T>(() => new HttpRequestMessage(HttpMethod.Get, new Uri(service, path)), path, _timeout, cancellationToken);

    /// <summary>As <see cref="GetAsync"/>, with whatever the request needs.</summary>
    /// <param name="timeout">How long the answer may take; infinite for work that only its caller may end.</param>
    public async Task<Fetched<T>> SendAsync<T>(Func<HttpRequestMessage> request, string path, TimeSpan timeout, CancellationToken cancellationToken)
        where T : class
    {
        using var limit = new CancellationTokenSource(timeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var message = request();
            using var response = await _http.SendAsync(message, linked.Token);
            var body = await response.Content.ReadAsByteArrayAsync(linked.Token);
            if (!response.IsSuccessStatusCode)
                return new Fetched<T>(null, $"{Name(path)} answered {(int)response.StatusCode}{Detail(body)}");
            if (typeof(T) == typeof(string))
                return new Fetched<T>((T)(object)System.Text.Encoding.UTF8.GetString(body), null);
            return JsonSerializer.Deserialize<T>(body, s_json) is { } value
                ? new Fetched<T>(value, null)
                : new Fetched<T>(null, $"{Name(path)} answered null; expected an object");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Fetched<T>(null, $"no answer from {Name(path)} within {timeout.TotalSeconds:0.#} s");
        }
        catch (HttpRequestException exception)
        {
            return new Fetched<T>(null, exception.HttpRequestError == HttpRequestError.ConnectionError ? "connection refused" : exception.Message);
        }
        catch (JsonException exception)
        {
            return new Fetched<T>(null, $"{Name(path)} answered JSON of another shape: {exception.Message}");
        }
    }

    public void Dispose() => _http.Dispose();

    private static string Name(string path) => path.Split('?')[0];

    /// <summary>What the service says went wrong: problem details or an error member.</summary>
    private static string Detail(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            foreach (var name in (string[])["detail", "error", "message", "title"])
            {
                if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String)
                    return $": {text.GetString()}";
            }
        }
        catch (JsonException)
        {
            // Not JSON: the status says what there is to say.
        }

        return "";
    }
}
