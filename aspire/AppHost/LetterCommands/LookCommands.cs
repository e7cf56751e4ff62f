using System.CommandLine;
using System.Text.Json;
using RealTimeMesh.AppHost.TopicCommands;

namespace RealTimeMesh.AppHost.LetterCommands;

/// <summary>Looking at letters and what became of them.</summary>
internal static class LookCommands
{
    public static IEnumerable<Command> All(LettersCommand letters)
    {
        yield return Groups(letters);
        yield return List(letters);
        yield return Show(letters);
        yield return Jobs(letters);
        yield return Alerts(letters);
        yield return Audit(letters);
    }

    private static Command Groups(LettersCommand letters)
    {
        var filter = new FilterOptions();
        var (sort, search, after, limit, json) = (Text("--sort", "ORDER", "count, last, first or rate. Default: count."), Text("--search", "TEXT", "Only groups with this text."), Text("--after", "NEXT", "Go on from an earlier list."), Text("--limit", "N", "Default: 50."), ManageCommands.AsJson());
        return letters.Command("groups", "Lists causes, with how many letters have each and how fast they come.", [.. filter.Symbols(states: true), sort, search, after, limit, json], async (api, result, cancellationToken) =>
        {
            var page = await api.GetAsync("/v1/groups" + filter.Query(result, ("sort", result.GetValue(sort)), ("search", result.GetValue(search)), ("after", result.GetValue(after)), ("limit", result.GetValue(limit))), cancellationToken);
            ManageCommands.Print(result.GetValue(json), page.GetProperty("items"), "fingerprint", "count", "perMinute", "class", "rule", "field", "topic", "consumer", "message", "lastSeen");
            More(page);
        });
    }

    private static Command List(LettersCommand letters)
    {
        var filter = new FilterOptions();
        var (sort, after, limit, json) = (Text("--sort", "ORDER", "newest or oldest. Default: newest."), Text("--after", "NEXT", "Go on from an earlier list."), Text("--limit", "N", "Default: 50."), ManageCommands.AsJson());
        return letters.Command("ls", "Lists letters.", [.. filter.Symbols(states: true), sort, after, limit, json], async (api, result, cancellationToken) =>
        {
            var page = await api.GetAsync("/v1/letters" + filter.Query(result, ("sort", result.GetValue(sort)), ("after", result.GetValue(after)), ("limit", result.GetValue(limit))), cancellationToken);
            if (result.GetValue(json))
                JsonTable.Json(page.GetProperty("items"));
            else
                JsonTable.Rows(page.GetProperty("items").EnumerateArray(), "id", "state", "failedAt", "attempts", "redrives", "preview");
            More(page);
        });
    }

    private static Command Show(LettersCommand letters)
    {
        var id = Id();
        var unmask = new Option<bool>("--unmask") { Description = "Show personal fields; needs MESH_ADMIN_TOKEN." };
        return letters.Command("show", "Shows one letter whole: message, reason, its fields beside the contract, edits, history.", [id, unmask], async (api, result, cancellationToken) =>
            JsonTable.Json(await api.GetAsync($"/v1/letters/{ManageCommands.Escape(result.GetValue(id)!)}{(result.GetValue(unmask) ? "?unmask=true" : "")}", cancellationToken)));
    }

    private static Command Jobs(LettersCommand letters)
    {
        var json = ManageCommands.AsJson();
        var id = new Argument<string?>("ID") { Description = "One job, whole.", Arity = ArgumentArity.ZeroOrOne };
        return letters.Command("jobs", "Lists jobs, newest first, or shows one.", [id, json], async (api, result, cancellationToken) =>
        {
            if (result.GetValue(id) is { } one)
                JsonTable.Json(await api.GetAsync($"/v1/jobs/{ManageCommands.Escape(one)}", cancellationToken));
            else
                ManageCommands.Print(result.GetValue(json), await api.GetAsync("/v1/jobs", cancellationToken), "id", "kind", "state", "progress", "done", "total", "fault", "who", "started");
        });
    }

    private static Command Alerts(LettersCommand letters)
    {
        var json = ManageCommands.AsJson();
        return letters.Command("alerts", "Lists alerts that are raised.", [json], async (api, result, cancellationToken) =>
        {
            var alerts = await api.GetAsync("/v1/alerts", cancellationToken);
            if (result.GetValue(json))
                JsonTable.Json(alerts);
            else
                JsonTable.Rows(alerts.GetProperty("active").EnumerateArray().Concat(alerts.GetProperty("recent").EnumerateArray()), "rule", "status", "topic", "fingerprint", "ratePerMinute", "threshold", "raisedAt", "clearedAt");
        });
    }

    private static Command Audit(LettersCommand letters)
    {
        var json = ManageCommands.AsJson();
        return letters.Command("audit", "Lists who changed what, newest first.", [json], async (api, result, cancellationToken) =>
            ManageCommands.Print(result.GetValue(json), await api.GetAsync("/v1/audit", cancellationToken), "number", "at", "who", "what", "stage", "thing", "before", "after"));
    }

    internal static Argument<string> Id() => new("ID") { Description = "The letter's id: TOPIC:PARTITION:OFFSET." };

    internal static Option<string?> Text(string name, string help, string description) => new(name) { Description = description, HelpName = help };

    /// <summary>What is not shown is told to whoever looks on.</summary>
    private static void More(JsonElement page)
    {
        if (page.GetProperty("next").ValueKind == JsonValueKind.String)
            System.Console.Error.WriteLine($"more: --after {page.GetProperty("next").GetString()} or --limit N, up to 500");
    }
}
