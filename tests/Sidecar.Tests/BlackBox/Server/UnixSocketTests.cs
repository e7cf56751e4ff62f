using System.Net;
using System.Net.Sockets;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Net.Client;
using DaprGrpc = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Server;

/// <summary><c>--unix-domain-socket</c>.</summary>
public sealed class UnixSocketTests : IDisposable
{
    private const string Id = "on-sockets";

    private readonly string _folder = Directory.CreateTempSubdirectory("socks-").FullName;

    private string HttpSocket => Path.Combine(_folder, $"dapr-{Id}-http.socket");

    private string GrpcSocket => Path.Combine(_folder, $"dapr-{Id}-grpc.socket");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Apis_are_served_on_sockets_in_place_of_their_ports()
    {
        await using var daprd = await StartAsync();
        foreach (var version in (Version[])[HttpVersion.Version11, HttpVersion.Version20])
        {
            using var client = new HttpClient(To(HttpSocket)) { BaseAddress = new Uri("http://dapr"), DefaultRequestVersion = version, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using var saved = await client.PostAsync("/v1.0/state/store", new StringContent("""[{"key":"k","value":"v"}]"""));
            Assert.Equal(HttpStatusCode.NoContent, saved.StatusCode);
            Assert.Equal(version, saved.Version);
            Assert.Equal("\"v\"", await client.GetStringAsync("/v1.0/state/store/k"));
        }

        using var channel = Channel();
        var read = await new DaprGrpc(channel).GetStateAsync(new GetStateRequest { StoreName = "store", Key = "k" });
        Assert.Equal("\"v\"", read.Data.ToStringUtf8());

        foreach (var port in (int[])[daprd.HttpPort, daprd.GrpcPort])
        {
            using var client = new TcpClient();
            await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync(IPAddress.Loopback, port));
        }

        foreach (var port in (int[])[daprd.InternalGrpcPort, daprd.PublicPort, daprd.MetricsPort, daprd.ProfilePort])
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
        }

        await daprd.LoggedAsync($"HTTP server listening on UNIX socket: {HttpSocket}");
        await daprd.LoggedAsync($"gRPC server listening on UNIX socket: {GrpcSocket}");
        Assert.Equal(0, await daprd.StopAsync());
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task App_is_invoked_through_a_socket()
    {
        await using var app = await WebTestApp.StartAsync(context => context.Request.Body.CopyToAsync(context.Response.Body));
        await using var daprd = await StartAsync(app.Port);
        using var client = new HttpClient(To(HttpSocket)) { BaseAddress = new Uri("http://dapr") };
        using var answer = await client.PostAsync($"/v1.0/invoke/{Id}/method/echo", new StringContent("body"));
        Assert.Equal("body", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Sockets_that_a_killed_sidecar_left_are_taken_over()
    {
        await using (var killed = await StartAsync())
            await killed.KillAsync();
        Assert.Equal(2, Directory.GetFiles(_folder).Length);
        await using var daprd = await StartAsync();
        using var channel = Channel();
        Assert.Equal(Id, (await new DaprGrpc(channel).GetMetadataAsync(new GetMetadataRequest())).Id);
    }

    [Fact]
    public async Task Socket_of_a_sidecar_that_runs_is_not_taken_from_it()
    {
        await using var first = await StartAsync();
        await using var second = await Daprd.LaunchAsync(Setup(null));
        Assert.Equal(1, await second.ExitedAsync());
        Assert.Contains("address already in use", second.Log, StringComparison.Ordinal);
        using var channel = Channel();
        Assert.Equal(Id, (await new DaprGrpc(channel).GetMetadataAsync(new GetMetadataRequest())).Id);
    }

    private async Task<Daprd> StartAsync(int? appPort = null)
    {
        var daprd = await Daprd.LaunchAsync(Setup(appPort));
        using var client = new HttpClient();
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    using var response = await client.GetAsync($"http://127.0.0.1:{daprd.PublicPort}/v1.0/healthz");
                    return response.StatusCode == HttpStatusCode.NoContent;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            () => $"readiness on the public port\n{daprd.Log}");
        return daprd;
    }

    private DaprdSetup Setup(int? appPort) => new() { AppId = Id, AppPort = appPort, Resources = [Manifests.InMemoryState("store")], Flags = [$"--unix-domain-socket={_folder}"] };

    private GrpcChannel Channel() => GrpcChannel.ForAddress("http://dapr", new GrpcChannelOptions { HttpHandler = To(GrpcSocket), DisposeHttpClient = true });

    private static SocketsHttpHandler To(string path) => new()
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };
}
