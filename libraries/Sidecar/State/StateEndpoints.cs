using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Errors;
using RealTimeMesh.Sidecar.Http;
using RealTimeMesh.Sidecar.PubSub;

namespace RealTimeMesh.Sidecar.State;

/// <summary>State over HTTP.</summary>
internal static class StateEndpoints
{
    private static readonly string[] Writes = [HttpMethods.Post, HttpMethods.Put];

    public static void MapState(this IEndpointRouteBuilder routes)
    {
        var state = routes.ServiceProvider.GetRequiredService<StateService>();
        routes.MapMethods("/v1.0/state/{store}", Writes, context => SaveAsync(context, state));
        routes.MapMethods("/v1.0/state/{store}/bulk", Writes, context => BulkGetAsync(context, state));
        routes.MapMethods("/v1.0/state/{store}/transaction", Writes, context => TransactAsync(context, state));
        routes.MapMethods("/v1.0-alpha1/state/{store}/query", Writes, context => QueryAsync(context, state));
        routes.MapGet("/v1.0/state/{store}/{key}", context => GetAsync(context, state));
        routes.MapDelete("/v1.0/state/{store}/{key}", context => DeleteAsync(context, state));
    }

    private static async Task SaveAsync(HttpContext context, StateService state)
    {
        // The store is checked before the body is read: both may be wrong.
        var component = Component(context, state);
        using var body = await BodyAsync(context, StateBodies.Malformed);
        await state.SaveAsync(component, StateBodies.Items(body.Memory, ApiPath.QueryMetadata(context.Request)), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task GetAsync(HttpContext context, StateService state)
    {
        var component = Component(context, state);
        var read = new StateRead(ApiPath.Segment(context, 3))
        {
            Consistency = context.Request.Query["consistency"].ToString() == "strong" ? StateConsistency.Strong : StateConsistency.Unspecified,
            Metadata = ApiPath.QueryMetadata(context.Request),
        };
        var item = await state.GetAsync(component, read, context.RequestAborted);
        var response = context.Response;
        if (item is null || item.Value.IsEmpty)
        {
            response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        if (item.ETag.Length > 0)
            response.Headers.ETag = item.ETag;
        foreach (var (name, text) in StateMetadata.Of(item))
            response.Headers[$"metadata.{name}"] = text;
        response.ContentType = "application/json";
        response.ContentLength = item.Value.Length;
        await response.BodyWriter.WriteAsync(item.Value, context.RequestAborted);
    }

    private static async Task DeleteAsync(HttpContext context, StateService state)
    {
        var component = Component(context, state);
        var item = new StateItemRequest(ApiPath.Segment(context, 3))
        {
            ETag = context.Request.Headers.IfMatch.ToString(),
            Concurrency = context.Request.Query["concurrency"].ToString(),
            Consistency = context.Request.Query["consistency"].ToString(),
            Metadata = ApiPath.QueryMetadata(context.Request),
        };
        await state.DeleteAsync(component, item, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task BulkGetAsync(HttpContext context, StateService state)
    {
        var component = Component(context, state);
        BulkGetBody request;
        using (var body = await BodyAsync(context, StateBodies.BodyFault))
            request = StateBodies.BulkGet(body.Memory);
        foreach (var (name, text) in ApiPath.QueryMetadata(context.Request))
            request.Metadata[name] = text;
        var items = await state.BulkGetAsync(component, request.Keys, request.Metadata, request.Parallelism, context.RequestAborted);
        await StateAnswers.WriteBulkAsync(context.Response, request.Keys, items, context.RequestAborted);
    }

    private static async Task TransactAsync(HttpContext context, StateService state)
    {
        var component = Component(context, state);
        StateService.CheckTransactional(component);
        List<StateTransactionOperation> operations;
        using (var body = await BodyAsync(context, StateBodies.BodyFault))
            operations = TransactionBody.Read(body.Memory, ApiPath.QueryMetadata(context.Request));
        var trace = new RequestTrace(PublishEndpoints.Text(context.Request.Headers.TraceParent), PublishEndpoints.Text(context.Request.Headers.TraceState));
        await state.TransactAsync(component, operations, trace, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task QueryAsync(HttpContext context, StateService state)
    {
        var component = Component(context, state);
        using var body = await BodyAsync(context, StateBodies.BodyFault);
        var page = await state.QueryAsync(component, body.Memory, ApiPath.QueryMetadata(context.Request), context.RequestAborted);
        await StateAnswers.WriteQueryAsync(context.Response, page);
    }

    private static async ValueTask<BodyReading> BodyAsync(HttpContext context, Func<string, ApiException> error)
    {
        try
        {
            return await BodyReading.ReadAsync(context.Request, context.RequestAborted);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw error(BodyReading.TooLarge);
        }
    }

    private static StateComponent Component(HttpContext context, StateService state) => state.Resolve(ApiPath.Segment(context, 2));
}
