using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RealTimeMesh.Console.Backends;
using RealTimeMesh.Console.Pages.Schemas;

namespace RealTimeMesh.Console.Endpoints;

/// <summary>Pages of contracts. Subjects are named in the query: their names may hold anything.</summary>
internal static class ContractPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/contracts", (HttpContext context, string? search, string? within, int? page) => PageEndpoints.Page<ContractsPage>(context, new { Search = search, Within = within, Page = page ?? 1 }));
        routes.MapGet("/contracts/subject", (HttpContext context, string name, string? version) => PageEndpoints.Page<SubjectPage>(context, new { Name = name, Version = version }));
        routes.MapGet("/contracts/diff", (HttpContext context, string name, string? from, string? to) => PageEndpoints.Page<SchemaDiffPage>(context, new { Name = name, From = from, To = to }));
        routes.MapGet("/contracts/impact", (HttpContext context, string name) => PageEndpoints.Page<DependentsPage>(context, new { Name = name }));
        routes.MapGet("/contracts/check", (HttpContext context, string name) => PageEndpoints.Page<CheckPage>(context, new { Name = name }));
        routes.MapGet("/contracts/settings", (HttpContext context, string? name, string? level, string? mode) => PageEndpoints.Page<SubjectSettingsPage>(context, new { Name = name, Level = level, Mode = mode }));
        routes.MapGet("/contracts/id/{id:int}", ByIdAsync);
    }

    /// <summary>To the first subject that has the schema of an id.</summary>
    private static async Task<IResult> ByIdAsync(int id, BackendQueries queries, BackendList backends)
    {
        var uses = await queries.GetAsync<IReadOnlyList<SchemaUseReply>>(backends.Registry, $"/schemas/ids/{id}/versions", TimeSpan.FromSeconds(3));
        return uses.Value is [var use, ..]
            ? Results.Redirect($"/contracts/subject?name={Uri.EscapeDataString(use.Subject)}&version={use.Version}")
            : Forms.Text(StatusCodes.Status404NotFound, $"schema-registry: {uses.Error ?? $"found no subject with schema {id}; expected one that is registered"}");
    }
}
