using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using RealTimeMesh.Sidecar.Invocation.Http;

namespace RealTimeMesh.Sidecar.Server;

/// <summary>
/// Methods with a null character in their names: Kestrel refuses such an address with 400 before any code of ours sees the
/// request, and tells of it by this event only. daprd answers 500, as to every name that may not be called.
/// </summary>
internal sealed class NullInMethod : IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private const string BadRequest = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    private readonly IDisposable _subscription;

    public NullInMethod(DiagnosticListener listener) => _subscription = listener.Subscribe(this, static name => name == BadRequest);

    /// <summary>The answer begins here, as Kestrel would put its own status into it later. It has no body, and the connection ends with it.</summary>
    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key != BadRequest || value.Value is not IFeatureCollection features || !IsMeant(features))
            return;
        if (features.Get<IHttpResponseFeature>() is not { HasStarted: false } response || features.Get<IHttpResponseBodyFeature>() is not { } body)
            return;
        response.StatusCode = StatusCodes.Status500InternalServerError;
        body.StartAsync().GetAwaiter().GetResult();
    }

    public void OnCompleted()
    {
        // The server ends, and with it the events.
    }

    public void OnError(Exception error)
    {
        // A diagnostic listener has no errors of its own.
    }

    public void Dispose() => _subscription.Dispose();

    private static bool IsMeant(IFeatureCollection features) =>
        features.Get<IHttpRequestFeature>()?.RawTarget is { } target
        && target.Contains("%00", StringComparison.Ordinal)
        && InvokeTarget.AfterPrefix(target) is not null;
}
