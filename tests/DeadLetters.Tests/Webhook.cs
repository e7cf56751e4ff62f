using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.DeadLetters.Tests;

/// <summary>Something that is told of alerts.</summary>
internal sealed class Webhook(WebApplication app) : IAsyncDisposable
{
    public Uri Url => new(app.Urls.First());

    public static async Task<Webhook> StartAsync(RequestDelegate handle)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Run(handle);
        await app.StartAsync();
        return new Webhook(app);
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();
}
