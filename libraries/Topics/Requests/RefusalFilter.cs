using Microsoft.AspNetCore.Http;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Topics.Requests;

/// <summary>Refusals of the broker, and wrong requests, become answers with their text.</summary>
public sealed class RefusalFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (RealTimeMeshException exception) when (!context.HttpContext.Response.HasStarted)
        {
            return Results.Json(new ErrorAnswer(exception.Message), statusCode: StatusOf(exception));
        }
    }

    private static int StatusOf(RealTimeMeshException exception) => exception switch
    {
        AdminException { Refusal: AdminRefusal.Invalid } => StatusCodes.Status400BadRequest,
        AdminException { Refusal: AdminRefusal.NotFound } => StatusCodes.Status404NotFound,
        AdminException { Refusal: AdminRefusal.Conflict } => StatusCodes.Status409Conflict,
        AdminException { Refusal: AdminRefusal.Unsupported } => StatusCodes.Status501NotImplemented,
        BrokerOverloadedException => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status502BadGateway,
    };
}
