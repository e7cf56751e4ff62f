using Grpc.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Pluggable.Protocol;

namespace RealTimeMesh.Pluggable.Testing;

/// <summary>
/// A pluggable component for tests: a gRPC server on a Unix socket in a folder of its own, whose behaviour the test programs.
/// Give its <see cref="Folder"/> to the sidecar as <c>DAPR_COMPONENTS_SOCKETS_FOLDER</c> and use the type <c>pubsub.NAME</c>,
/// <c>state.NAME</c> or <c>secretstores.NAME</c> with its <see cref="Name"/>.
/// </summary>
public sealed class PluggableComponentServer : IAsyncDisposable
{
    private readonly TestPubSub? _pubSub;
    private readonly TestStateStore? _state;
    private readonly TestSecretStore? _secrets;
    private readonly bool _stableReflectionOnly;
    private readonly bool _ownsFolder;
    private WebApplication? _app;

    private PluggableComponentServer(string? folder, string name, TestPubSub? pubSub, TestStateStore? state, TestSecretStore? secrets, bool stableReflectionOnly)
    {
        _ownsFolder = folder is null;
        Folder = folder ?? Directory.CreateTempSubdirectory("plug-").FullName;
        (Name, _pubSub, _state, _secrets, _stableReflectionOnly) = (name, pubSub, state, secrets, stableReflectionOnly);
    }

    /// <summary>Folder of the socket.</summary>
    public string Folder { get; }

    /// <summary>Name of the socket without its <c>.sock</c>.</summary>
    public string Name { get; }

    public string SocketPath => Path.Combine(Folder, Name + ".sock");

    /// <summary>Values of <c>x-component-instance</c> that were seen.</summary>
    public IReadOnlyCollection<string> Instances => _instances;

    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _instances = new();

    /// <summary>Starts a component that serves what is given.</summary>
    /// <param name="pubSub">Serves PubSub.</param>
    /// <param name="state">Serves the state services.</param>
    /// <param name="secrets">Serves SecretStore.</param>
    /// <param name="folder">Null for a new folder, which is deleted at the end.</param>
    /// <param name="name">Name of the socket.</param>
    /// <param name="stableReflectionOnly">Offers reflection v1 only, else v1alpha only.</param>
    public static async Task<PluggableComponentServer> StartAsync(
        TestPubSub? pubSub = null, TestStateStore? state = null, TestSecretStore? secrets = null, string? folder = null, string name = "component", bool stableReflectionOnly = false)
    {
        var server = new PluggableComponentServer(folder, name, pubSub, state, secrets, stableReflectionOnly);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Ends the server at once, as a killed process would: calls fail, the socket stays behind.</summary>
    public async Task KillAsync()
    {
        if (_app is not { } app)
            return;
        _app = null;
        // The server would take its socket away, which a killed process does not.
        var aside = SocketPath + ".aside";
        File.Move(SocketPath, aside);
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await app.StopAsync(atOnce.Token);
        await app.DisposeAsync();
        File.Move(aside, SocketPath);
    }

    /// <summary>Starts the server after <see cref="KillAsync"/>, with the same behaviour.</summary>
    public async Task StartAgainAsync()
    {
        File.Delete(SocketPath);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(SocketPath, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(grpc => (grpc.MaxReceiveMessageSize, grpc.MaxSendMessageSize) = (null, null));
        var services = Add(builder.Services);
        var app = builder.Build();
        app.Use(next => context =>
        {
            foreach (var instance in context.Request.Headers["x-component-instance"])
                _instances.Enqueue(instance!);
            return next(context);
        });
        Map(app, services);
        await app.StartAsync();
        _app = app;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (_ownsFolder)
            Directory.Delete(Folder, recursive: true);
    }

    private List<string> Add(IServiceCollection services)
    {
        List<Google.Protobuf.Reflection.ServiceDescriptor> served = [];
        if (_pubSub is not null)
        {
            services.AddSingleton(_pubSub);
            served.Add(PubSub.Descriptor);
        }

        if (_state is not null)
        {
            services.AddSingleton(_state);
            served.AddRange([StateStore.Descriptor, TransactionalStateStore.Descriptor, QueriableStateStore.Descriptor]);
            if (_state.MaxTransactionSize is not null)
                served.Add(TransactionalStoreMultiMaxSize.Descriptor);
        }

        if (_secrets is not null)
        {
            services.AddSingleton(_secrets);
            served.Add(SecretStore.Descriptor);
        }

        if (_stableReflectionOnly)
            services.AddSingleton(new ReflectionV1ServiceImpl(served));
        else
            services.AddSingleton(new ReflectionServiceImpl(served));
        return [.. served.Select(service => service.FullName)];
    }

    private void Map(IEndpointRouteBuilder app, List<string> served)
    {
        if (_stableReflectionOnly)
            app.MapGrpcService<ReflectionV1ServiceImpl>();
        else
            app.MapGrpcService<ReflectionServiceImpl>();
        if (served.Contains(PubSub.Descriptor.FullName))
            app.MapGrpcService<PubSubService>();
        if (served.Contains(SecretStore.Descriptor.FullName))
            app.MapGrpcService<SecretStoreService>();
        if (!served.Contains(StateStore.Descriptor.FullName))
            return;
        app.MapGrpcService<StateStoreService>();
        app.MapGrpcService<TransactionService>();
        app.MapGrpcService<QueryService>();
        if (served.Contains(TransactionalStoreMultiMaxSize.Descriptor.FullName))
            app.MapGrpcService<MaxSizeService>();
    }
}
