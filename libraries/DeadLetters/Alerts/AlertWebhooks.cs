using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.DeadLetters.Alerts;

/// <summary>Tells alerts to every webhook, each of which is asked three times.</summary>
internal sealed class AlertWebhooks(AlertOptions options, TimeProvider time, ILogger logger) : IDisposable
{
    private const int Attempts = 3;

    private readonly HttpClient _http = new() { Timeout = options.WebhookTimeout };

    public bool IsEmpty => options.Webhooks.Count == 0;

    public async Task TellAsync(Alert alert, CancellationToken cancellationToken)
    {
        foreach (var url in options.Webhooks)
            await TellAsync(url, alert, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task TellAsync(Uri url, Alert alert, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            string error;
            try
            {
                using var response = await _http.PostAsJsonAsync(url, alert, JsonSerializerOptions.Web, cancellationToken);
                if (response.IsSuccessStatusCode)
                    return;
                error = $"HTTP {(int)response.StatusCode}";
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                error = exception.Message;
            }

            if (attempt == Attempts)
            {
                Log.WebhookFailed(logger, url, attempt, error);
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(attempt), time, cancellationToken);
        }
    }
}
