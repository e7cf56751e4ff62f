using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace RealTimeMesh.Console.Backends;

/// <summary>Gets JSON from a service, within a time and a size.</summary>
internal sealed class BackendClient : IDisposable
{
    /// <summary>Largest answer taken, bytes: 500 dead letters with their previews.</summary>
    private const int MaxAnswerBytes = 16 * 1024 * 1024;

    private const string UserHeader = "x-mesh-user";

    private static readonly JsonSerializerOptions s_snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    private static readonly JsonSerializerOptions s_camel = new(JsonSerializerDefaults.Web);

    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly string? _adminToken;

    public BackendClient(ConsoleOptions options, TimeProvider time)
    {
        _time = time;
        _timeout = options.Timeout;
        _adminToken = options.AdminToken;
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
    }

    /// <summary>The answer of <paramref name="path"/> at a service; a fault of the service is a value.</summary>
    public Task<Fetched<T>> GetAsync<T>(Uri service, string path, CancellationToken cancellationToken)
        where T : class => SendAsync<T>(() => new HttpRequestMessage(HttpMethod.Get, new Uri(service, path)), path, _timeout, s_snake, cancellationToken);

    /// <summary>As above, of a service that a page asks.</summary>
    public Task<Fetched<T>> GetAsync<T>(Backend backend, string path, CancellationToken cancellationToken)
        where T : class => SendAsync<T>(backend, HttpMethod.Get, path, null, "console", _timeout, cancellationToken);

    /// <summary>Asks a service for something that takes a body, or longer than a look.</summary>
    /// <param name="who">In whose name, for its audit log.</param>
    /// <param name="timeout">How long the answer may take; infinite for work that only its caller may end.</param>
    public Task<Fetched<T>> SendAsync<T>(Backend backend, HttpMethod method, string path, object? body, string who, TimeSpan timeout, CancellationToken cancellationToken)
        where T : class => SendAsync<T>(() => Request(backend, method, path, body, who), path, timeout, JsonOf(backend), cancellationToken);

    /// <summary>An answer as it comes; the caller disposes of it. Faults of the way are exceptions of <see cref="HttpClient"/>.</summary>
    public Task<HttpResponseMessage> OpenAsync(Backend backend, string path, CancellationToken cancellationToken)
    {
        using var request = Request(backend, HttpMethod.Get, path, null, "console");
        return _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>Why there is no answer, in a few words.</summary>
    public static string Reason(HttpRequestException exception) => exception switch
    {
        { HttpRequestError: HttpRequestError.ConnectionError } => "connection refused",
        { HttpRequestError: HttpRequestError.NameResolutionError } => "no such host",
        { HttpRequestError: HttpRequestError.ResponseEnded } or { InnerException: IOException } => "the connection broke off",
        _ => exception.Message,
    };

    /// <summary>What a service says went wrong: problem details or an error member; empty where it says nothing.</summary>
    public static string Detail(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            if (!JsonDocument.TryParseValue(ref reader, out var document))
                return "";
            using (document)
            {
                foreach (var name in (string[])["detail", "error", "message", "title"])
                {
                    if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String)
                        return text.GetString()!;
                }
            }
        }
        catch (JsonException)
        {
            // Not JSON: the status says what there is to say.
        }

        return "";
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(Backend backend, HttpMethod method, string path, object? body, string who)
    {
        var request = new HttpRequestMessage(method, new Uri(backend.Url, path)) { Content = body is null ? null : JsonContent.Create(body, body.GetType(), options: JsonOf(backend)) };
        if (backend.IsGuarded && _adminToken is { } token)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.TryAddWithoutValidation(UserHeader, new string([.. who.Where(c => c is >= ' ' and < '\u007f')]));
        return request;
    }

    private async Task<Fetched<T>> SendAsync<T>(Func<HttpRequestMessage> request, string path, TimeSpan timeout, JsonSerializerOptions json, CancellationToken cancellationToken)
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
                return new Fetched<T>(null, $"{Name(path)} answered {(int)response.StatusCode}{(Detail(body) is { Length: > 0 } detail ? $": {detail}" : "")}") { Status = response.StatusCode };
            if (typeof(T) == typeof(string))
                return new Fetched<T>((T)(object)System.Text.Encoding.UTF8.GetString(body), null);
            if (typeof(T) == typeof(JsonDocument) && body.Length == 0)
                return new Fetched<T>((T)(object)JsonDocument.Parse("{}"), null);
            return JsonSerializer.Deserialize<T>(body, json) is { } value
                ? new Fetched<T>(value, null)
                : new Fetched<T>(null, $"{Name(path)} answered null; expected an object");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Fetched<T>(null, $"no answer from {Name(path)} within {timeout.TotalSeconds:0.#} s");
        }
        catch (HttpRequestException exception)
        {
            return new Fetched<T>(null, Reason(exception));
        }
        catch (JsonException exception)
        {
            return new Fetched<T>(null, $"{Name(path)} answered JSON of another shape: {exception.Message}");
        }
    }

    private static JsonSerializerOptions JsonOf(Backend backend) => backend.Naming == JsonNamingPolicy.CamelCase ? s_camel : s_snake;

    private static string Name(string path) => path.Split('?')[0];
}
