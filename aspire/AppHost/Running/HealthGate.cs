using RealTimeMesh.Contracts;

namespace RealTimeMesh.AppHost.Running;

/// <summary>Waits for a part to say that it is ready.</summary>
internal sealed class HealthGate(HttpClient http, TimeProvider time, TimeSpan limit)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Polls until <paramref name="path"/> answers 2xx. Throws with the last answer when the limit has passed or <paramref name="ended"/> tells that the part is gone.</summary>
    public async Task WaitAsync(string part, Uri address, string path, Func<string?>? ended, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var last = "no answer";
        while (time.GetElapsedTime(start) < limit)
        {
            if (ended?.Invoke() is { } reason)
                throw new RealTimeMeshException($"{part}: {reason} before it was ready; expected it to answer {address}{path.TrimStart('/')}. See its output above.");
            try
            {
                using var response = await http.GetAsync(new Uri(address, path), cancellationToken);
                if (response.IsSuccessStatusCode)
                    return;
                last = $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellationToken)}";
            }
            catch (HttpRequestException exception)
            {
                last = exception.Message;
            }

            await Task.Delay(Pause, time, cancellationToken);
        }

        throw new RealTimeMeshException($"{part}: not ready after {limit.TotalSeconds:0} s; expected 2xx from {address}{path.TrimStart('/')}, found: {last}");
    }
}
