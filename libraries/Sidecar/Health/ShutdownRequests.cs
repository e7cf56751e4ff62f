using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.Health;

/// <summary>Shutdowns asked for through the API, HTTP and gRPC alike.</summary>
internal sealed class ShutdownRequests(SidecarSetup setup, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ShutdownRequests> logger)
{
    private const string ForceHeader = "dapr-force-shutdown";

    /// <summary>Lets the answer reach the caller before the process is gone.</summary>
    private static readonly TimeSpan ForceDelay = TimeSpan.FromMilliseconds(100);

    public void Accept(HttpContext context)
    {
        var force = context.Request.Headers[ForceHeader].Any(value => string.Equals(value, "true", StringComparison.OrdinalIgnoreCase));
        if (force)
            Log.ForcedShutdownRequested(logger);
        else
            Log.ShutdownRequested(logger);
        context.Response.OnCompleted(() =>
        {
            if (force)
                _ = ForceAsync();
            else
                lifetime.StopApplication();
            return Task.CompletedTask;
        });
    }

    private async Task ForceAsync()
    {
        await Task.Delay(ForceDelay, time);
        if (setup.ForceExit is { } exit)
            exit();
        else
            lifetime.StopApplication();
    }
}
