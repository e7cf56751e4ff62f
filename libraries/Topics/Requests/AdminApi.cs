using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Administration;

namespace RealTimeMesh.Topics.Requests;

/// <summary>What services of administration have in common: JSON, health, a guard before everything under <c>/v1</c>, and what a refusal looks like.</summary>
public static class AdminApi
{
    /// <param name="urls">Addresses to listen on, separated by semicolons.</param>
    /// <param name="logging">Where logs go.</param>
    /// <param name="adminToken">The token everyone must bring; null serves loopback only.</param>
    /// <param name="addServices">Adds the service's own parts.</param>
    /// <param name="map">Maps its endpoints under <c>/v1</c>.</param>
    public static WebApplication Build(string urls, Action<ILoggingBuilder> logging, string? adminToken, Action<IServiceCollection> addServices, Action<IEndpointRouteBuilder> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(urls);
        logging(builder.Logging);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
            // A list that is null where one belongs is the sender's fault, and told as that.
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        });
        builder.Services.Configure<RouteHandlerOptions>(static options => options.ThrowOnBadRequest = true);
        addServices(builder.Services);
        var app = builder.Build();
        app.Use(TellBadRequestsAsync);
        app.MapGet("/healthz", static () => Results.Text("Healthy"));
        map(app.MapGroup("/v1").AddEndpointFilter(new AdminGuard(adminToken, Refused)).AddEndpointFilter(new RefusalFilter()));
        return app;
    }

    /// <summary>A body or a parameter that cannot be read is told with what was found in it.</summary>
    private static async Task TellBadRequestsAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = exception.StatusCode;
            await context.Response.WriteAsJsonAsync(new ErrorAnswer($"request: {exception.InnerException?.Message ?? exception.Message}; correct it."), context.RequestAborted);
        }
    }

    private static IResult Refused(int status, string thing, string found, string expected, string cure) =>
        Results.Json(new ErrorAnswer($"{thing}: found {found}; expected {expected}; {cure}."), statusCode: status);
}
