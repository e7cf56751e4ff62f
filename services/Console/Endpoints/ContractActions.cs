using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RealTimeMesh.Console.Actions;
using RealTimeMesh.Console.Backends;
using RealTimeMesh.Console.Pages.Schemas;

namespace RealTimeMesh.Console.Endpoints;

/// <summary>Checks and changes of contracts. The registry keeps no audit log: the console writes these lines itself.</summary>
internal static class ContractActions
{
    private const int MaxSchema = 1_000_000;

    public static void Map(IEndpointRouteBuilder posts)
    {
        posts.MapPost("/contracts/check", (HttpContext context, HttpRequest _) => CheckAsync(context));
        posts.MapPost("/contracts/register", (HttpRequest request, ActionRunner runner, BackendList backends) => Forms.ActAsync(request, runner, form => Register(form, backends), "name, language and schema"));
        posts.MapPost("/contracts/settings", (HttpRequest request, ActionRunner runner, BackendList backends) => Forms.ActAsync(request, runner, form => Settings(form, backends), "level or mode"));
    }

    /// <summary>Changes nothing: the answer is the page.</summary>
    private static async Task<IResult> CheckAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
            return Forms.Text(StatusCodes.Status415UnsupportedMediaType, "Found another body; expected a form.");
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        return Forms.Given(form, "name") is { } name
            ? PageEndpoints.Page<CheckPage>(context, new { Name = name, Language = Forms.Given(form, "language"), Schema = Forms.Given(form, "schema", MaxSchema) })
            : Forms.Text(StatusCodes.Status400BadRequest, "Found no name; expected that of a subject.");
    }

    private static ActionOrder? Register(IFormCollection form, BackendList backends) =>
        Forms.Given(form, "name") is { } name && Forms.Given(form, "schema", MaxSchema) is { } schema
            ? Order(form, backends, "register schema", name, HttpMethod.Post, $"/subjects/{Uri.EscapeDataString(name)}/versions", new { schema, schemaType = Forms.Given(form, "language") ?? "AVRO", references = CheckPage.References(form["references"]) }) with
            {
                BeforePath = $"/subjects/{Uri.EscapeDataString(name)}/versions/latest",
            }
            : null;

    private static ActionOrder? Settings(IFormCollection form, BackendList backends)
    {
        var name = Forms.Given(form, "name");
        var scope = name is null ? "" : "/" + Uri.EscapeDataString(name);
        return (Forms.Given(form, "level"), Forms.Given(form, "mode")) switch
        {
            ("inherit", _) when name is not null => Order(form, backends, "inherit compatibility level", name, HttpMethod.Delete, $"/config{scope}", null) with { BeforePath = $"/config{scope}" },
            ({ } level, _) => Order(form, backends, "set compatibility level", name, HttpMethod.Put, $"/config{scope}", new { compatibility = level }) with { BeforePath = $"/config{scope}?defaultToGlobal=true" },
            (_, "inherit") when name is not null => Order(form, backends, "inherit mode", name, HttpMethod.Delete, $"/mode{scope}", null) with { BeforePath = $"/mode{scope}" },
            (_, { } mode) => Order(form, backends, "set mode", name, HttpMethod.Put, $"/mode{scope}", new { mode }) with { BeforePath = $"/mode{scope}?defaultToGlobal=true" },
            _ => null,
        };
    }

    private static ActionOrder Order(IFormCollection form, BackendList backends, string kind, string? subject, HttpMethod method, string path, object? body) => new()
    {
        Kind = kind,
        Subject = subject ?? "all contracts",
        Back = subject is null ? "/contracts" : $"/contracts/subject?name={Uri.EscapeDataString(subject)}",
        Section = "/contracts",
        Backend = backends.Registry,
        Method = method,
        Path = path,
        Body = body,
        Who = Forms.Who(form),
        IsAuditedHere = true,
    };
}
