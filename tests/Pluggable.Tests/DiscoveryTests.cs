using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Components;
using RealTimeMesh.Pluggable.Testing;

namespace RealTimeMesh.Pluggable.Tests;

public sealed class DiscoveryTests : IAsyncDisposable
{
    private readonly Started _started = new() { Options = new PluggableOptions { DiscoveryTimeout = TimeSpan.FromSeconds(60), ReconnectDelay = TimeSpan.FromMilliseconds(5) } };

    public ValueTask DisposeAsync() => _started.DisposeAsync();

    [Fact]
    public async Task A_socket_gives_a_type_for_each_service_it_serves()
    {
        await using var server = await PluggableComponentServer.StartAsync(new TestPubSub(), new TestStateStore(await StoreAsync()), new TestSecretStore(), name: "my.things");
        var types = await _started.DiscoverAsync(server.Folder);
        Assert.Equal(["pubsub.my.things", "secretstores.my.things", "state.my.things"], types.Select(t => t.Name).Order(StringComparer.Ordinal));
        Assert.Contains("pluggable component 'my.things' was successfully registered for 'dapr.proto.components.v1.PubSub'", _started.LogLines);
    }

    [Fact]
    public async Task A_server_with_the_stable_reflection_only_is_found_too()
    {
        await using var server = await PluggableComponentServer.StartAsync(new TestPubSub(), stableReflectionOnly: true);
        Assert.Equal("pubsub.component", Assert.Single(await _started.DiscoverAsync(server.Folder)).Name);
    }

    [Fact]
    public async Task A_folder_that_does_not_exist_holds_no_components()
    {
        Assert.Empty(await _started.DiscoverAsync("/tmp/no-such-folder-of-sockets"));
        Assert.Empty(_started.LogLines);
    }

    [Fact]
    public async Task What_is_no_socket_or_does_not_answer_is_logged_and_the_rest_is_found()
    {
        await using var server = await PluggableComponentServer.StartAsync(new TestPubSub());
        var file = Path.Combine(server.Folder, "file.sock");
        await File.WriteAllTextAsync(file, "");
        Directory.CreateDirectory(Path.Combine(server.Folder, "folder.sock"));
        var dead = Path.Combine(server.Folder, "dead.sock");
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // Disposing takes away the path it was bound to, so it is moved meanwhile.
            socket.Bind(new UnixDomainSocketEndPoint(dead + ".bound"));
            File.Move(dead + ".bound", dead);
        }

        Assert.True(File.Exists(dead), "the dead socket must stay behind for this test");
        var time = new FakeTimeProvider();
        var found = _started.DiscoverAsync(server.Folder, time);
        await Started.UntilAsync(() => _started.LogLines.Any(line => line.Contains("successfully registered", StringComparison.Ordinal)), "what comes before the dead socket");
        await Started.UntilAsync(() => { time.Advance(TimeSpan.FromSeconds(1)); return found.IsCompleted; }, "the end of the patience");
        Assert.Equal("pubsub.component", Assert.Single(await found).Name);
        Assert.Contains($"could not use socket for file {file}", _started.LogLines);
        Assert.Contains(_started.LogLines, line => line.StartsWith($"could not initialize pluggable components unable to list services of {dead}: no answer within", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_socket_that_takes_connections_and_stays_silent_is_given_up_in_time()
    {
        await using var server = await PluggableComponentServer.StartAsync(new TestPubSub());
        using var silent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        silent.Bind(new UnixDomainSocketEndPoint(Path.Combine(server.Folder, "a-silent.sock")));
        silent.Listen();
        var time = new FakeTimeProvider();
        var found = _started.DiscoverAsync(server.Folder, time);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var taken = await silent.AcceptAsync(patience.Token);
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Single(await found);
        Assert.Contains(_started.LogLines, line => line.Contains("a-silent.sock: no answer within", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_component_whose_socket_went_away_cannot_be_started()
    {
        await using var server = await PluggableComponentServer.StartAsync(new TestPubSub());
        var types = await _started.DiscoverAsync(server.Folder);
        await server.KillAsync();
        File.Delete(server.SocketPath);
        var failure = await Assert.ThrowsAsync<ComponentCallException>(() => types[0].StartAsync(
            new ComponentSpec { Name = "c", Type = "pubsub.component" }, new ComponentContext("app", "", TimeProvider.System), CancellationToken.None));
        Assert.Equal(14, failure.GrpcCode);
        Assert.Equal($"connection error: desc = \"transport: error while dialing: dial unix {server.SocketPath}: connect: no such file or directory\"", failure.Description);
    }

    [Fact]
    public void The_environment_names_the_folder()
    {
        Assert.Equal("/tmp/dapr-components-sockets", PluggableOptions.FromEnvironment(_ => null).SocketsFolder);
        Assert.Equal("/x", PluggableOptions.FromEnvironment(name => name == "DAPR_COMPONENTS_SOCKETS_FOLDER" ? "/x" : null).SocketsFolder);
    }

    private static async Task<IStateStore> StoreAsync() =>
        (IStateStore)await new InMemoryStateType().StartAsync(new ComponentSpec { Name = "s", Type = "state.in-memory" }, new ComponentContext("app", "", TimeProvider.System), default);
}
