namespace RealTimeMesh.Sidecar.App;

/// <summary>
/// Connections that gRPC channels and others use together. A channel that finds a socket handler takes over how it connects,
/// which nobody else could use then: this does not look like one.
/// </summary>
internal sealed class SharedConnections(HttpMessageInvoker connections) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => connections.SendAsync(request, cancellationToken);
}
