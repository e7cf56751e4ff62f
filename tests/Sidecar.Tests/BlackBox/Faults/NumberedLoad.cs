using System.Net;
using System.Text;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Faults;

/// <summary>
/// Publishes the numbers 0, 1, 2, … of several keys over HTTP. As a careful publisher does, it sends each again until it is
/// acknowledged, and only then the next one of its key.
/// </summary>
internal sealed class NumberedLoad(Daprd daprd, string pubsub, string topic, int keys)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private int _acknowledged;
    private int _failed;

    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Attempts that were not acknowledged.</summary>
    public int Failed => Volatile.Read(ref _failed);

    public async Task RunAsync(int numbersPerKey)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(2) })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{daprd.HttpPort}"),
            Timeout = TimeSpan.FromSeconds(10),
        };
        await Task.WhenAll(Enumerable.Range(0, keys).Select(async key =>
        {
            for (var number = 0; number < numbersPerKey; number++)
            {
                while (!await TryPublishAsync(client, key, number, limit.Token))
                {
                    Interlocked.Increment(ref _failed);
                    await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
                }

                Interlocked.Increment(ref _acknowledged);
            }
        }));
    }

    public Task AcknowledgedAsync(int count) => Eventually.TrueAsync(() => Acknowledged >= count, () => $"{count} publishes acknowledged; {Acknowledged} are, {Failed} attempts failed:\n{daprd.Log}");

    private async Task<bool> TryPublishAsync(HttpClient client, int key, int number, CancellationToken cancellationToken)
    {
        try
        {
            using var content = new StringContent($$"""{"key":"key-{{key}}","number":{{number}}}""", Encoding.UTF8, "application/json");
            using var response = await client.PostAsync($"/v1.0/publish/{pubsub}/{topic}?metadata.partitionKey=key-{key}", content, cancellationToken);
            return response.StatusCode == HttpStatusCode.NoContent;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
