namespace RealTimeMesh.Sidecar.Middleware;

/// <summary>Requests for the app pass the app's pipeline as it stands when they are sent.</summary>
internal sealed class AppPipelineHandler(MiddlewarePipelines pipelines, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        pipelines.App.SendAsync(request, base.SendAsync, cancellationToken);
}
