using Microsoft.Extensions.Logging;
using RealTimeMesh.Contracts;
using RealTimeMesh.Sidecar.Configurations;
using RealTimeMesh.Sidecar.Invocation.Names;
using RealTimeMesh.Sqlite;

namespace RealTimeMesh.SidecarHost.Running;

/// <summary>The name resolver that the Configuration asks for.</summary>
internal static class NameResolvers
{
    /// <summary>daprd's default. Here sidecars of this user on this host find each other by files.</summary>
    private const string Default = "mdns";

    /// <summary>Throws with daprd's text where there is no such resolver or its settings are wrong.</summary>
    public static async Task<INameResolver> OpenAsync(NameResolutionSettings? settings, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var name = settings is { Component.Length: > 0 } ? settings.Component : Default;
        var version = settings is { Version.Length: > 0 } ? settings.Version : "v1";
        var logger = logs.CreateLogger("dapr.contrib");
        INameResolver resolver = (name.ToUpperInvariant(), version.ToUpperInvariant()) switch
        {
            ("MDNS", "V0" or "V1") => new SharedNames(new SharedNamesOptions(), time, logger),
            ("SQLITE", "V0" or "V1") => await OpenSqliteAsync(settings!, $"nr ({name}/{version})", time, logger, cancellationToken),
            _ => throw new RealTimeMeshException($"[CREATE_COMPONENT_FAILURE]: initialization error occurred for nr ({name}/{version}): couldn't find name resolver {name}/{version}"),
        };
        Log.NameResolution(logs.CreateLogger("dapr.runtime"), name);
        return resolver;
    }

    private static async Task<SqliteNames> OpenSqliteAsync(NameResolutionSettings settings, string logName, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            return new SqliteNames(await SqliteHosts.OpenAsync(SqliteHostsOptions.From(settings.Settings), time, logger, cancellationToken), logger);
        }
        catch (SqliteStoreException exception)
        {
            throw new RealTimeMeshException($"[INIT_COMPONENT_FAILURE]: initialization error occurred for {logName}: {exception.Message}", exception);
        }
    }
}
