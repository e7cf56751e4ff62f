using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.AppHost;

/// <summary>One of the mesh's APIs as a command asks it.</summary>
internal sealed class MeshApi : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _name;
    private readonly string _cure;

    /// <param name="address">Where it is.</param>
    /// <param name="token"><c>MESH_ADMIN_TOKEN</c>, where it is set.</param>
    /// <param name="name">What it is, for errors.</param>
    /// <param name="cure">What to do where nothing answers.</param>
    public MeshApi(Uri address, string? token, string name, string cure)
    {
        (_name, _cure) = (name, cure);
        // Searches may take long; each has a bound of its own.
        _http = new HttpClient { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Add("x-mesh-user", Environment.UserName);
        if (!string.IsNullOrEmpty(token))
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>The address of a part of the mesh that runs over a data folder; null where none runs.</summary>
    public static Uri? FindRunning(string dataPath, string part)
    {
        var file = Path.Combine(dataPath, "endpoints.json");
        if (!File.Exists(file))
            return null;
        using var document = JsonDocument.Parse(File.ReadAllText(file));
        return document.RootElement.TryGetProperty(part, out var address) ? new Uri(address.GetString()!) : null;
    }

    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await AskAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        var text = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    public Task<JsonElement> PostAsync(string path, object? body, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, path, body ?? new { }, cancellationToken);

    /// <summary>Lines of a stream, as they come.</summary>
    public async IAsyncEnumerable<string> LinesAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var response = await AskAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
            yield return line;
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> AskAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, completion, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new RealTimeMeshException($"{_name} at {_http.BaseAddress}: found {exception.Message}; expected a running mesh; {_cure}.", exception);
        }

        if (response.IsSuccessStatusCode)
            return response;
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new RealTimeMeshException(ErrorOf(text) ?? $"{request.RequestUri}: found HTTP {(int)response.StatusCode} {text}; expected an answer of {_name}; check --url.");
        }
    }

    private static string? ErrorOf(string text)
    {
        try
        {
            return JsonDocument.Parse(text).RootElement is { ValueKind: JsonValueKind.Object } answer && answer.TryGetProperty("error", out var error) ? error.GetString() : null;
        }
        catch (JsonException)
        {
            // Something else answers there; its text is told as it is.
            return null;
        }
    }
}
