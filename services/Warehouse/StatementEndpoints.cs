using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RealTimeMesh.Warehouse.Execution;
using RealTimeMesh.Warehouse.Security;
using RealTimeMesh.Warehouse.Wire;

namespace RealTimeMesh.Warehouse;

/// <summary>The SQL REST API's three operations.</summary>
internal static class StatementEndpoints
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static void MapStatements(this IEndpointRouteBuilder routes)
    {
        var statements = routes.MapGroup("/api/v2/statements").AddEndpointFilter(async (context, next) =>
        {
            var check = context.HttpContext.RequestServices.GetRequiredService<BearerCheck>();
            if (check.Refuse(context.HttpContext.Request) is not { } reason)
                return await next(context);
            await StatementAnswer.WriteStatusAsync(context.HttpContext, StatusCodes.Status401Unauthorized, "390144", "08001", $"JWT token is invalid: {reason}", null);
            return Results.Empty;
        });
        statements.MapPost("/", SubmitAsync);
        statements.MapGet("/{handle}", FetchAsync);
        statements.MapPost("/{handle}/cancel", CancelAsync);
    }

    private static async Task<IResult> SubmitAsync(HttpContext context, StatementService service, WarehouseOptions options, TimeProvider time)
    {
        StatementRequest? request;
        try
        {
            request = await JsonSerializer.DeserializeAsync<StatementRequest>(context.Request.Body, Json, context.RequestAborted);
        }
        catch (JsonException exception)
        {
            await StatementAnswer.WriteStatusAsync(context, StatusCodes.Status400BadRequest, "391902", "42601", $"the body is no valid request: {exception.Message}", null);
            return Results.Empty;
        }

        try
        {
            var requestId = context.Request.Query["requestId"].ToString() is { Length: > 0 } id ? id : null;
            var statement = service.Submit(request ?? new StatementRequest(), requestId);
            if (!string.Equals(context.Request.Query["async"], "true", StringComparison.OrdinalIgnoreCase))
                await WaitAsync(statement, options.SyncWait, time, context.RequestAborted);
            await StatementAnswer.WriteAsync(context, statement, 0);
        }
        catch (SqlFault fault)
        {
            await StatementAnswer.WriteFaultAsync(context, fault, null);
        }

        return Results.Empty;
    }

    private static async Task<IResult> FetchAsync(HttpContext context, string handle, StatementService service)
    {
        if (service.Find(handle) is not { } statement)
            await UnknownAsync(context, handle);
        else if (context.Request.Query["partition"].ToString() is { Length: > 0 } text && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            await StatementAnswer.WriteStatusAsync(context, StatusCodes.Status400BadRequest, "391920", "22023", $"partition '{text}'; expected a number from 0.", statement);
        else
            await StatementAnswer.WriteAsync(context, statement, int.TryParse(context.Request.Query["partition"], NumberStyles.None, CultureInfo.InvariantCulture, out var partition) ? partition : 0);
        return Results.Empty;
    }

    private static async Task<IResult> CancelAsync(HttpContext context, string handle, StatementService service)
    {
        if (service.Find(handle) is not { } statement)
        {
            await UnknownAsync(context, handle);
            return Results.Empty;
        }

        if (!statement.Done.Task.IsCompleted)
            statement.Cancel();
        await StatementAnswer.WriteStatusAsync(context, StatusCodes.Status200OK, "000604", "57014", "SQL execution canceled", statement);
        return Results.Empty;
    }

    private static Task UnknownAsync(HttpContext context, string handle) =>
        StatementAnswer.WriteStatusAsync(context, StatusCodes.Status404NotFound, "000709", "02000", $"Statement {handle} not found", null);

    private static async Task WaitAsync(Statement statement, TimeSpan wait, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await statement.Done.Task.WaitAsync(wait, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Expected for long statements: the answer is 202 and the client polls.
        }
    }
}
