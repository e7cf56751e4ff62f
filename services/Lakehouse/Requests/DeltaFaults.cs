using Microsoft.AspNetCore.Http;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb;

namespace RealTimeMesh.Lakehouse.Requests;

/// <summary>Answers what the lake could not do with a text instead of an empty 500.</summary>
internal sealed class DeltaFaults : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (DeltaUnsupportedException exception)
        {
            return Refusals.Of(StatusCodes.Status501NotImplemented, new RequestFault("table", exception.Message, "a table whose features are supported", "use an engine that supports them"));
        }
        catch (DeltaConflictException exception)
        {
            return Refusals.Conflict(new RequestFault("commit", exception.Message, "no writer in its way", "try again"));
        }
        catch (Exception exception) when (exception is DeltaException or DuckDbFaultException or IOException or UnauthorizedAccessException)
        {
            return Refusals.Of(StatusCodes.Status500InternalServerError, new RequestFault("table", exception.Message, "a table that can be read", "see the service's log"));
        }
    }
}
