using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.ObjectStores;

namespace RealTimeMesh.AppHost.Lake;

/// <summary>Stores of tables that are named by URI, one for each container. Apart from the rest, so that local paths load nothing of it.</summary>
internal static class RemoteStores
{
    private static readonly ConcurrentDictionary<string, ObjectTableStore> s_stores = new(StringComparer.Ordinal);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ITableStore Of(string uri, TimeProvider time)
    {
        var end = uri.IndexOf('/', uri.IndexOf("://", StringComparison.Ordinal) + 3);
        return s_stores.GetOrAdd(end < 0 ? uri : uri[..end], root => ObjectTableStore.Open(root, Options(), time));
    }

    private static ObjectStoreOptions Options() => ObjectStoreOptions.FromEnvironment(Environment.GetEnvironmentVariable) with
    {
        OnRetry = static message => System.Console.Error.WriteLine($"warning: {message}"),
    };
}
