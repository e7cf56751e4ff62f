using Microsoft.Extensions.Logging;
using RealTimeMesh.Sidecar.Invocation.Names;
using RealTimeMesh.Sqlite;

namespace RealTimeMesh.SidecarHost.Running;

/// <summary>Sidecars found by a table in a SQLite database. As daprd's, it does not tell namespaces apart.</summary>
internal sealed class SqliteNames(SqliteHosts hosts, ILogger logger) : INameResolver, IAsyncDisposable
{
    public string Name => "sqlite";

    public Task<IAsyncDisposable> RegisterAsync(NameRegistration registration, CancellationToken cancellationToken) =>
        hosts.RegisterAsync(registration.AppId, registration.Address, Lost, cancellationToken);

    public async ValueTask<IReadOnlyList<string>> FindAsync(string appId, string appNamespace, CancellationToken cancellationToken) => await hosts.FindAsync(appId, cancellationToken);

    public ValueTask DisposeAsync() => hosts.DisposeAsync();

    /// <summary>As daprd: two sidecars at one address would get each other's calls.</summary>
    private void Lost()
    {
        Log.Startup(logger, "Host registration lost");
        Environment.Exit(1);
    }
}
