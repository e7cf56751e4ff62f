namespace RealTimeMesh.SchemaRegistry.Endpoints;

/// <summary>Turns refusals into the API's error body. What is no refusal is recorded, and told as the fault it is.</summary>
internal sealed class RegistryErrorFilter(ILogger<RegistryErrorFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (RegistryException e)
        {
            return RegistryAnswers.Error(e.Status, e.Code, e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var request = context.HttpContext.Request;
            Log.RequestFailed(logger, e, request.Method, request.Path);
            return RegistryAnswers.Error(StatusCodes.Status500InternalServerError, 500, "Internal Server Error");
        }
    }
}
