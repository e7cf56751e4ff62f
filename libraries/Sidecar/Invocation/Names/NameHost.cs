using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.Invocation.Names;

/// <summary>Makes this sidecar known while it runs.</summary>
internal sealed class NameHost(SidecarOptions options, SidecarPorts ports, INameResolver resolver, ILogger<NameHost> logger) : IHostedLifecycleService
{
    private IAsyncDisposable? _registration;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (options.InternalGrpcPort is null)
            return;
        var address = System.Net.IPAddress.Any.Equals(options.InternalGrpcListenAddress) || System.Net.IPAddress.IPv6Any.Equals(options.InternalGrpcListenAddress)
            ? System.Net.IPAddress.Loopback
            : options.InternalGrpcListenAddress;
        try
        {
            _registration = await resolver.RegisterAsync(
                new NameRegistration(options.AppId, options.Namespace, new System.Net.IPEndPoint(address, ports.InternalGrpc).ToString()), cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Everything else works without it.
            Log.NameNotRegistered(logger, exception, options.AppId, resolver.Name);
        }
    }

    /// <summary>First of all: nobody is to be sent here any more.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (_registration is not null)
            await _registration.DisposeAsync();
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
