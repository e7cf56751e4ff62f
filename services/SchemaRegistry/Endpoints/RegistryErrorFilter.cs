namespace RealTimeMesh.SchemaRegistry.Endpoints;

/// <summary>Turns refusals into the API's error body.</summary>
internal sealed class RegistryErrorFilter : IEndpointFilter
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
    }
}
