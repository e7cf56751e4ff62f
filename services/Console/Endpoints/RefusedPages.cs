using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using RealTimeMesh.Console.Pages;

namespace RealTimeMesh.Console.Endpoints;

/// <summary>Nobody is left before an empty page: an answer without a body, and a page that broke, say what happened and the way on.</summary>
internal static class RefusedPages
{
    public static void UseRefusedPages(this IApplicationBuilder app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = BrokenAsync });
        app.UseStatusCodePages(context => RefusedAsync(context.HttpContext));
    }

    private static Task BrokenAsync(HttpContext context)
    {
        var fault = context.Features.Get<IExceptionHandlerFeature>()?.Error.Message ?? "the console does not know why";
        return ShowAsync(context, "This page could not be made", $"{context.Request.Path}: {fault} What came before it is in the log of the console.");
    }

    private static Task RefusedAsync(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status400BadRequest => ShowAsync(context, "The address is not whole", $"Found {context.Request.Path}{context.Request.QueryString}; expected the parameters of a link of this console, numbers where it has numbers."),
        var status => ShowAsync(context, "The console refused that", $"It answered {status} to {context.Request.Method} {context.Request.Path}."),
    };

    private static Task ShowAsync(HttpContext context, string title, string text)
    {
        context.Response.Headers.CacheControl = "no-store";
        var page = new RazorComponentResult<RefusedPage>(new { Title = title, Text = text }) { StatusCode = context.Response.StatusCode, PreventStreamingRendering = true };
        return page.ExecuteAsync(context);
    }
}
