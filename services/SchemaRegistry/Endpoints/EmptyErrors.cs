namespace RealTimeMesh.SchemaRegistry.Endpoints;

/// <summary>Refusals of the web server itself (no such path, no such method), which come without a body, in the API's form.</summary>
internal static class EmptyErrors
{
    public static async Task FillAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.Response.HasStarted || context.Response.StatusCode < 400 || context.Response.ContentLength is > 0)
            return;

        var status = context.Response.StatusCode;
        var phrase = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status);
        await RegistryAnswers.Error(status, status, $"HTTP {status} {phrase}").ExecuteAsync(context);
    }
}
