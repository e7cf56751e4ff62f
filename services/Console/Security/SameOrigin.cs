using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Console.Security;

/// <summary>Takes forms from the console's own pages only: a page of another site could post one in the name of whoever looks at it.</summary>
internal sealed class SameOrigin : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        IsOwn(context.HttpContext.Request) ? await next(context) : Results.Text("The form came from another site; open the console's own page.", "text/plain; charset=utf-8", statusCode: StatusCodes.Status403Forbidden);

    /// <summary>Browsers say where a form comes from; what says nothing is no browser.</summary>
    private static bool IsOwn(HttpRequest request)
    {
        if (request.Headers.TryGetValue("Sec-Fetch-Site", out var site) && site != "same-origin")
            return false;
        return !request.Headers.TryGetValue("Origin", out var origin)
            || (Uri.TryCreate(origin, UriKind.Absolute, out var address) && string.Equals(address.Authority, request.Host.ToString(), StringComparison.OrdinalIgnoreCase));
    }
}
