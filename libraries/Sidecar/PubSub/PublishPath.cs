using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using RealTimeMesh.Sidecar.Http;

namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>Component and topic of a publish path: <c>…/{pubsub}/{topic}</c>, where the topic may contain slashes.</summary>
internal static class PublishPath
{
    /// <param name="context">The request.</param>
    /// <param name="place">0-based place of the component among the segments.</param>
    public static (string PubSub, string Topic) Read(HttpContext context, int place)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan();
        var query = target.IndexOf('?');
        var path = query < 0 ? target : target[..query];
        // Escapes, repeated and trailing slashes are the general reader's.
        if (path.IsEmpty || path[0] != '/' || path[^1] == '/' || path.ContainsAny('%', '+') || path.Contains("//", StringComparison.Ordinal))
            return (ApiPath.Segment(context, place), ApiPath.Rest(context, place + 1));
        for (var i = 0; i <= place; i++)
        {
            var slash = path[1..].IndexOf('/');
            if (i == place)
                return slash < 0 ? (path[1..].ToString(), "") : (path[1..(slash + 1)].ToString(), path[(slash + 2)..].ToString());
            if (slash < 0)
                break;
            path = path[(slash + 1)..];
        }

        return ("", "");
    }
}
