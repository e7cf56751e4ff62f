using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RealTimeMesh.Console.Actions;
using RealTimeMesh.Console.Backends;
using RealTimeMesh.Console.Letters;

namespace RealTimeMesh.Console.Endpoints;

/// <summary>Edits of letters, and the jobs that send them again, change them or put them aside. The service keeps the audit log.</summary>
internal static class LetterActions
{
    private const int MaxMessage = 4_000_000;

    public static void Map(IEndpointRouteBuilder posts)
    {
        posts.MapPost("/dead-letters/letter/edit", (HttpRequest request, ActionRunner runner, BackendList backends) => Forms.ActAsync(request, runner, form => Edit(form, backends), "id, format and value"));
        posts.MapPost("/dead-letters/letter/undo", (HttpRequest request, ActionRunner runner, BackendList backends) => Forms.ActAsync(
            request, runner, form => Forms.Given(form, "id") is { } id ? Of(id, "undo edit", "undo", new { }, form, backends) : null, "id"));
        foreach (var kind in LetterWork.Kinds)
            posts.MapPost($"/dead-letters/{kind}", (HttpRequest request, ActionRunner runner, BackendList backends) => Forms.ActAsync(request, runner, form => Start(kind, form, backends), "the preview's token and its filter"));
        foreach (var act in (string[])["pause", "resume", "cancel"])
        {
            posts.MapPost($"/dead-letters/jobs/{{id}}/{act}", (string id, HttpRequest request, ActionRunner runner, BackendList backends) =>
                Forms.ActAsync(request, runner, form => Order($"{act} job", id, $"/dead-letters/jobs/{Uri.EscapeDataString(id)}", $"/v1/jobs/{Uri.EscapeDataString(id)}/{act}", new { }, form, backends), "nothing"));
        }
    }

    private static ActionOrder? Edit(IFormCollection form, BackendList backends)
    {
        if (Forms.Given(form, "id") is not { } id)
            return null;
        var text = form["value"].ToString();
        if (text.Length > MaxMessage)
            return null;
        var body = new Dictionary<string, object?> { ["key"] = Forms.Given(form, "key"), ["version"] = Forms.Whole(form, "version"), ["note"] = "replaced in the console" };
        switch (form["format"].ToString())
        {
            case "bytes":
                body["base64"] = text;
                break;
            case "avro" or "json" when Json(text) is { } value:
                body["value"] = value;
                break;
            default:
                // Browsers send line ends of their own.
                body["text"] = text.ReplaceLineEndings("\n");
                break;
        }

        return Of(id, "edit letter", "edit", body, form, backends);
    }

    private static ActionOrder? Start(string kind, IFormCollection form, BackendList backends)
    {
        var work = LetterWork.From(kind, form);
        return Forms.Given(form, "token", 10_000) is not { } token || !work.IsWhole
            ? null
            : Order($"{kind} letters", work.Filter.Words, $"/dead-letters/letters?{work.Filter.Query()}", work.Path, work.Body(token), form, backends) is { } order
                ? order with { Next = static answer => answer.TryGetProperty("id", out var id) ? $"/dead-letters/jobs/{Uri.EscapeDataString(id.GetString() ?? "")}" : null }
                : null;
    }

    private static ActionOrder? Of(string id, string kind, string act, object body, IFormCollection form, BackendList backends) =>
        Order(kind, id, $"/dead-letters/letter?id={Uri.EscapeDataString(id)}", $"/v1/letters/{Uri.EscapeDataString(id)}/{act}", body, form, backends);

    private static ActionOrder? Order(string kind, string subject, string back, string path, object body, IFormCollection form, BackendList backends) => backends.Letters is not { } letters ? null : new ActionOrder
    {
        Kind = kind,
        Subject = subject,
        Back = back,
        Section = "/dead-letters",
        Backend = letters,
        Method = HttpMethod.Post,
        Path = path,
        Body = body,
        Who = Forms.Who(form),
    };

    private static JsonElement? Json(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException)
        {
            // It is sent as the text it is; the check of its destination tells whether that would be taken.
            return null;
        }
    }
}
