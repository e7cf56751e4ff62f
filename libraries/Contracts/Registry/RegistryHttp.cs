using System.Net;
using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>
/// Calls a registry: one address after the other, with growing pauses, until one answers or time is up. After a call in
/// vain the registry counts as out, and calls are short until one is answered. Thread-safe.
/// </summary>
internal sealed class RegistryHttp(HttpClient http, SchemaRegistryOptions options, TimeProvider time)
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(2);

    private readonly Uri[] _urls = [options.Url, .. options.OtherUrls];
    private int _current;
    private volatile bool _isOut;

    /// <summary>No address answered the last call.</summary>
    public bool IsOut => _isOut;

    /// <param name="method">Get or post.</param>
    /// <param name="path">Below the base address, without a slash in front.</param>
    /// <param name="content">Makes the content of each try; null for none.</param>
    /// <param name="brief">Something else can stand in for the answer.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<RegistryAnswer> SendAsync(HttpMethod method, string path, Func<HttpContent>? content, bool brief, CancellationToken cancellationToken)
    {
        var patience = (brief || _isOut) && options.OutageTimeout < options.Timeout ? options.OutageTimeout : options.Timeout;
        using var deadline = new CancellationTokenSource(patience, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var problem = "no answer";
        Exception? cause = null;
        var tries = 0;
        for (var pause = s_firstPause; ; tries++)
        {
            var current = Volatile.Read(ref _current) % _urls.Length;
            try
            {
                using var message = new HttpRequestMessage(method, $"{_urls[current].AbsoluteUri.TrimEnd('/')}/{path}") { Content = content?.Invoke() };
                message.Headers.Authorization = options.Credentials?.Header;
                using var response = await http.SendAsync(message, linked.Token);
                var body = await response.Content.ReadAsByteArrayAsync(linked.Token);
                if (response.IsSuccessStatusCode || !IsTransient(response.StatusCode))
                {
                    _isOut = false;
                    return response.IsSuccessStatusCode ? new RegistryAnswer(0, "", body) : Refusal(response.StatusCode, body);
                }

                (problem, cause) = ($"HTTP {(int)response.StatusCode} {Refusal(response.StatusCode, body).Message}", null);
            }
            catch (HttpRequestException e)
            {
                (problem, cause) = (e.Message, e);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                return NoAnswer(problem, patience, cause ?? e);
            }

            Interlocked.CompareExchange(ref _current, (current + 1) % _urls.Length, current);
            if ((tries + 1) % _urls.Length != 0)
                continue;

            try
            {
                await Task.Delay(pause, time, linked.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return NoAnswer(problem, patience, cause);
            }

            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    private RegistryAnswer NoAnswer(string problem, TimeSpan patience, Exception? cause)
    {
        _isOut = true;
        return new RegistryAnswer(RegistryAnswer.NoAnswer, $"found {problem}; expected an answer within {patience}. Check that the registry runs at this address.", []) { Cause = cause };
    }

    private static bool IsTransient(HttpStatusCode status) =>
        (int)status >= 500 || status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout;

    private static RegistryAnswer Refusal(HttpStatusCode status, byte[] body)
    {
        try
        {
            if (JsonSerializer.Deserialize<ErrorBody>(body) is { ErrorCode: not 0 } error)
                return new RegistryAnswer(error.ErrorCode, error.Message, body);
        }
        catch (JsonException)
        {
            // A proxy's page rather than the registry's answer: the status says what there is to say.
        }

        return new RegistryAnswer((int)status, $"answered {(int)status} {status} without the registry's error format", body);
    }
}
