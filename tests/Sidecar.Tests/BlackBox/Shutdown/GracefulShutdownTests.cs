using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Dapr.Client.Autogen.Grpc.v1;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Shutdown;

public sealed class GracefulShutdownTests
{
    [Theory]
    [InlineData(PosixSignal.SIGINT, "Received signal 'interrupt'; beginning shutdown")]
    [InlineData(PosixSignal.SIGTERM, "Received signal 'terminated'; beginning shutdown")]
    public async Task Signal_ends_the_sidecar_with_code_0(PosixSignal signal, string line)
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [Manifests.InMemoryPubSub("pub")] });
        daprd.Signal(signal);
        Assert.Equal(0, await daprd.ExitedAsync());
        await daprd.LoggedAsync(line);
        await daprd.LoggedAsync("Dapr is shutting down");
        await daprd.LoggedAsync("Shutting down component pub (pubsub.in-memory/v1)");
        await daprd.LoggedAsync("Dapr runtime stopped");
        await daprd.LoggedAsync("Daprd shutdown gracefully");
    }

    [Fact]
    public async Task Interrupt_that_the_starting_shell_had_ignored_ends_the_sidecar_all_the_same()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { InterruptIgnored = true });
        Assert.Equal(0, await daprd.StopAsync());
    }

    [Fact]
    public async Task Sidecar_that_still_waits_for_its_app_ends_with_code_0()
    {
        await using var daprd = await Daprd.LaunchAsync(new DaprdSetup { AppPort = FreePorts.Next() });
        await daprd.LoggedAsync("This will block until the app is listening on that port.");
        Assert.Equal(0, await daprd.StopAsync());
    }

    [Fact]
    public async Task Request_in_flight_is_answered_before_the_end()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [Manifests.InMemoryState("store")] });
        using var client = new TcpClient();
        var stream = await BeginRequestAsync(client, daprd.HttpPort);
        daprd.Signal(PosixSignal.SIGINT);
        await daprd.LoggedAsync("Dapr is shutting down");
        await stream.WriteAsync(Encoding.ASCII.GetBytes("[]"));
        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 204", await reader.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await daprd.ExitedAsync());
    }

    [Fact]
    public async Task Request_that_outlasts_the_grace_is_cut_off_and_the_code_is_1()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [Manifests.InMemoryState("store")], Flags = ["--dapr-graceful-shutdown-seconds=1"] });
        using var client = new TcpClient();
        await BeginRequestAsync(client, daprd.HttpPort);
        Assert.Equal(1, await daprd.StopAsync());
        await daprd.LoggedAsync("Graceful shutdown timeout exceeded, forcing shutdown");
    }

    [Fact]
    public async Task Idle_connections_and_streams_do_not_hold_the_end_up()
    {
        await using var daprd = await Daprd.StartAsync();
        using var idle = new TcpClient();
        await idle.ConnectAsync("127.0.0.1", daprd.HttpPort);
        await daprd.Grpc.GetMetadataAsync(new GetMetadataRequest());
        Assert.Equal(0, await daprd.StopAsync());
    }

    [Fact]
    public async Task Client_that_leaves_its_side_of_an_ended_stream_open_does_not_hold_the_end_up()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [Manifests.InMemoryPubSub("pub")], Flags = ["--dapr-graceful-shutdown-seconds=4"] });
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", daprd.GrpcPort);
        var connection = client.GetStream();
        await connection.WriteAsync(Http2Frames.Call("/dapr.proto.runtime.v1.Dapr/SubscribeTopicEventsAlpha1", new SubscribeTopicEventsRequestAlpha1
        {
            InitialRequest = new SubscribeTopicEventsRequestInitialAlpha1 { PubsubName = "pub", Topic = "a" },
        }));
        await Http2Frames.BegunAsync(connection);
        Assert.Equal(0, await daprd.StopAsync());
    }

    [Fact]
    public async Task Delivery_in_flight_ends_before_the_sidecar_does()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answered = false;
        await using var app = await HttpApp.StartAsync(async context =>
        {
            if (context.Request.Path == "/dapr/subscribe")
            {
                await context.Response.WriteAsync("""[{"pubsubname":"pub","topic":"a","route":"/a"}]""");
            }
            else if (context.Request.Path == "/a")
            {
                arrived.TrySetResult();
                await release.Task;
                answered = !context.RequestAborted.IsCancellationRequested;
            }
        });
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port, Resources = [Manifests.InMemoryPubSub("pub")] });
        using (var published = await daprd.Http.PostAsync("/v1.0/publish/pub/a", new StringContent("x")))
            Assert.True(published.IsSuccessStatusCode);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(60));
        daprd.Signal(PosixSignal.SIGINT);
        await daprd.LoggedAsync("Dapr is shutting down");
        release.SetResult();
        Assert.Equal(0, await daprd.ExitedAsync());
        Assert.True(answered);
    }

    /// <summary>Sends a request without its body and waits until the sidecar serves it.</summary>
    private static async Task<NetworkStream> BeginRequestAsync(TcpClient client, int port)
    {
        await client.ConnectAsync("127.0.0.1", port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes("POST /v1.0/state/store HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"));
        // The interim answer says that the body is being read.
        var interim = new byte[25];
        await stream.ReadExactlyAsync(interim);
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", Encoding.ASCII.GetString(interim));
        return stream;
    }
}
