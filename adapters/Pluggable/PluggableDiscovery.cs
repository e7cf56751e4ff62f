using Grpc.Core;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Pluggable.Protocol;

namespace RealTimeMesh.Pluggable;

/// <summary>Finds the components behind the sockets of a folder.</summary>
public static class PluggableDiscovery
{
    /// <summary>
    /// The component types that the sockets of the folder serve: <c>pubsub.NAME</c>, <c>state.NAME</c>, <c>secretstores.NAME</c> for
    /// <c>NAME.sock</c>. A folder that does not exist holds none; a socket that does not answer is logged and left out.
    /// </summary>
    public static async Task<IReadOnlyList<IComponentType>> DiscoverAsync(PluggableOptions options, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(options.SocketsFolder))
            return [];
        Log.Discovering(logger, options.SocketsFolder);
        var types = new List<IComponentType>();
        var count = 0;
        foreach (var path in Directory.EnumerateFiles(options.SocketsFolder).Order(StringComparer.Ordinal))
        {
            if (!IsSocket(path))
            {
                Log.NotASocket(logger, path);
                continue;
            }

            var services = await ServicesAsync(path, options, time, logger, cancellationToken).ConfigureAwait(false);
            count += services.Count;
            foreach (var service in services.Order(StringComparer.Ordinal))
            {
                if (TypeOf(service, path, services, options) is not { } type)
                    continue;
                types.Add(type);
                Log.Registered(logger, Path.GetFileNameWithoutExtension(path), service);
            }
        }

        Log.Discovered(logger, count);
        return types;
    }

    private static IComponentType? TypeOf(string service, string path, IReadOnlyCollection<string> services, PluggableOptions options)
    {
        if (service == PubSub.Descriptor.FullName)
            return new PluggablePubSubType(path, options);
        if (service == StateStore.Descriptor.FullName)
            return new PluggableStateType(path, services.Contains(TransactionalStoreMultiMaxSize.Descriptor.FullName), options);
        return service == SecretStore.Descriptor.FullName ? new PluggableSecretStoreType(path, options) : null;
    }

    // The file system tells no types here, but a socket is what cannot be opened. For writing too, since that blocks on no pipe.
    private static bool IsSocket(string path)
    {
        try
        {
            using var opened = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return new FileInfo(path).Length == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static async Task<IReadOnlyCollection<string>> ServicesAsync(string path, PluggableOptions options, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.DiscoveryTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await ReflectionClient.ListServicesAsync(path, options, time, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Log.DiscoveryFailed(logger, $"unable to list services of {path}: no answer within {options.DiscoveryTimeout.TotalSeconds} s");
            return [];
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            var reason = limit.IsCancellationRequested ? $"no answer within {options.DiscoveryTimeout.TotalSeconds} s" : CallErrors.Convert(e, path, CancellationToken.None).Message;
            Log.DiscoveryFailed(logger, $"unable to list services of {path}: {reason}");
            return [];
        }
    }
}
