using System.Net;
using System.Net.Sockets;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.BadInput;

/// <summary>One sidecar for a class of bad requests: in-memory components <c>ps</c> and <c>ss</c>, bodies of at most 1 MiB.</summary>
public sealed class BadInputSidecar : IAsyncLifetime
{
    public const int MaxBodyBytes = 1024 * 1024;

    private Daprd? _daprd;

    internal Daprd Daprd => _daprd!;

    public async ValueTask InitializeAsync() => _daprd = await Daprd.StartAsync(new DaprdSetup
    {
        Resources = [Manifests.InMemoryPubSub("ps"), Manifests.InMemoryState("ss")],
        Flags = ["--max-body-size=1Mi", "--log-level=info"],
    });

    /// <summary>The process is there and says it is ready; no request ended in an exception nobody expected.</summary>
    public async Task AssertAliveAsync()
    {
        await AssertReadyAsync();
        Unexpected.AssertNoneIn(Daprd.Log);
    }

    public async Task AssertReadyAsync()
    {
        using var response = await Daprd.Http.GetAsync("/v1.0/healthz");
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    /// <summary>Writes bytes to a port and reads what comes back until the sidecar closes the connection, or the limit.</summary>
    internal static async Task<string> SendRawAsync(int port, byte[] bytes, bool thenClose = true, TimeSpan? limit = null)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        var stream = client.GetStream();
        using var patience = new CancellationTokenSource(limit ?? TimeSpan.FromSeconds(20), TimeProvider.System);
        using var answer = new MemoryStream();
        try
        {
            // It may refuse before it has read everything.
            var sending = SendAsync();
            await stream.CopyToAsync(answer, patience.Token);
            await sending;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Reset, or still open: what came so far is the answer.
        }

        return System.Text.Encoding.Latin1.GetString(answer.ToArray());

        async Task SendAsync()
        {
            await stream.WriteAsync(bytes, patience.Token);
            if (thenClose)
                client.Client.Shutdown(SocketShutdown.Send);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_daprd is not null)
            await _daprd.DisposeAsync();
    }
}
