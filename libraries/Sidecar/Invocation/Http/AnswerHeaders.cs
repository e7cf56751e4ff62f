using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Invocation.Http;

/// <summary>Headers of an app's answer on the way to an HTTP client.</summary>
internal static class AnswerHeaders
{
    public static void Write(HttpResponse response, InvokeMetadata headers, string contentType)
    {
        HttpHeaderMapping.Write(headers, (name, values) => response.Headers[name] = values);
        if (contentType.Length > 0)
            response.ContentType = contentType;
    }

    /// <summary>Of a stream of events, where the app left them out: nobody on the way is to store or gather it.</summary>
    public static void WriteEvents(HttpResponse response)
    {
        response.ContentType ??= "text/event-stream";
        if (response.Headers.CacheControl.Count == 0)
            response.Headers.CacheControl = "no-cache";
    }
}
