namespace RealTimeMesh.Sidecar.Invocation.Names;

/// <summary>Where the sidecars of apps are found. Several sidecars of one app are its replicas.</summary>
public interface INameResolver
{
    /// <summary>The resolver's name, as <c>spec.nameResolution.component</c> says it.</summary>
    string Name { get; }

    /// <summary>Makes a sidecar known until the returned registration is disposed.</summary>
    Task<IAsyncDisposable> RegisterAsync(NameRegistration registration, CancellationToken cancellationToken);

    /// <summary>The addresses of an app's sidecars; none where nobody knows it.</summary>
    ValueTask<IReadOnlyList<string>> FindAsync(string appId, string appNamespace, CancellationToken cancellationToken);
}

/// <summary>A sidecar as others find it.</summary>
/// <param name="AppId">The app's id.</param>
/// <param name="Namespace">The app's namespace.</param>
/// <param name="Address">Host and internal gRPC port.</param>
public sealed record NameRegistration(string AppId, string Namespace, string Address);
