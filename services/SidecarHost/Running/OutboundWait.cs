using System.Diagnostics;

namespace RealTimeMesh.SidecarHost.Running;

/// <summary><c>--wait</c>: for the outbound APIs of a sidecar that runs on this machine.</summary>
internal static class OutboundWait
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>0 as soon as they are ready, 1 where they are not in time.</summary>
    public static async Task<int> RunAsync(string httpPort)
    {
        var address = $"http://localhost:{httpPort}/v1.0/healthz/outbound";
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(1) };
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < Limit)
        {
            if (await IsReadyAsync(client, address))
                return 0;
            await Task.Delay(Poll, TimeProvider.System);
        }

        await Console.Error.WriteLineAsync($"the sidecar at {address} was not ready within {Limit.TotalSeconds} s; start it, or name its port with --dapr-http-port");
        return 1;
    }

    private static async Task<bool> IsReadyAsync(HttpClient client, string address)
    {
        try
        {
            using var response = await client.GetAsync(address);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
