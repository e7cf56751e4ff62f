using System.Net.Http.Headers;
using RealTimeMesh.SchemaRegistry.Storage;

namespace RealTimeMesh.SchemaRegistry.Endpoints;

/// <summary>Hands changes on to the process that writes, where that is another one.</summary>
internal sealed class WriterForwarding(RegistryStore store, IHttpClientFactory clients)
{
    public const string ClientName = "registry-writer";

    // What was handed on once is not handed on again: two processes that take each other for the writer would never end.
    private const string Mark = "X-Forward";

    public async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        if (!IsChange(context.Request) || store.IsWriter || store.TakeOver())
        {
            await next(context);
            return;
        }

        var answer = await ForwardAsync(context);
        if (answer is not null)
            await answer.ExecuteAsync(context);
    }

    private static bool IsChange(HttpRequest request)
    {
        var path = request.Path.Value ?? "";
        return HttpMethods.IsPut(request.Method) || HttpMethods.IsDelete(request.Method)
            || (HttpMethods.IsPost(request.Method) && path.StartsWith("/subjects/", StringComparison.Ordinal) && path.EndsWith("/versions", StringComparison.Ordinal));
    }

    private async Task<IResult?> ForwardAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers.ContainsKey(Mark) || store.WriterAddress() is not { } writer)
            return Refuse(RegistryException.NotTheWriter());

        try
        {
            using var copy = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(writer, request.Path.ToUriComponent() + request.QueryString));
            copy.Headers.TryAddWithoutValidation(Mark, "true");
            foreach (var header in new[] { "Accept", "Authorization" })
            {
                if (request.Headers.TryGetValue(header, out var value))
                    copy.Headers.TryAddWithoutValidation(header, value.ToArray());
            }

            if (request.ContentLength is > 0 || request.Headers.TransferEncoding.Count > 0)
            {
                copy.Content = new StreamContent(request.Body);
                copy.Content.Headers.ContentType = request.ContentType is { } type ? MediaTypeHeaderValue.Parse(type) : null;
            }

            using var answer = await clients.CreateClient(ClientName).SendAsync(copy, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            context.Response.StatusCode = (int)answer.StatusCode;
            context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or FormatException && !context.RequestAborted.IsCancellationRequested)
        {
            return Refuse(RegistryException.ForwardingFailed($"{request.Method} {request.Path}", e.Message));
        }
    }

    private static IResult Refuse(RegistryException e) => RegistryAnswers.Error(e.Status, e.Code, e.Message);
}
