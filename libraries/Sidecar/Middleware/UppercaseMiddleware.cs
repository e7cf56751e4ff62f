using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Middleware;

/// <summary>Bodies in upper case, those of requests, answers or both.</summary>
internal sealed class UppercaseMiddleware(bool requests, bool answers) : IHttpMiddleware
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (requests)
            context.Request.Body = new UppercaseReader(context.Request.Body);
        if (!answers)
        {
            await next(context);
            return;
        }

        var body = context.Response.Body;
        var writer = new UppercaseWriter(body);
        context.Response.Body = writer;
        try
        {
            await next(context);
            // What went through the pipe writer is in the stream only then.
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
            await writer.EndAsync(context.RequestAborted);
        }
        finally
        {
            context.Response.Body = body;
        }
    }

    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpSend next, CancellationToken cancellationToken)
    {
        if (requests && request.Content is { } content)
            request.Content = new UppercaseContent(content);
        var response = await next(request, cancellationToken);
        if (answers)
            await TurnAsync(response, cancellationToken);
        return response;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task TurnAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var content = response.Content;
        var turned = new StreamContent(new UppercaseReader(await content.ReadAsStreamAsync(cancellationToken)));
        foreach (var (name, values) in content.Headers.NonValidated)
        {
            // The length may be another.
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                turned.Headers.TryAddWithoutValidation(name, values);
        }

        response.Content = turned;
    }
}
