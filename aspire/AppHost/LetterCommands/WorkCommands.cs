using System.CommandLine;
using System.Text.Json;
using RealTimeMesh.AppHost.TopicCommands;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.AppHost.LetterCommands;

/// <summary>Editing, redriving and discarding letters: shown first, done with --yes.</summary>
internal static class WorkCommands
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    public static IEnumerable<Command> All(LettersCommand letters)
    {
        yield return Redrive(letters);
        yield return Edit(letters);
        yield return Replace(letters);
        yield return Undo(letters);
        yield return Discard(letters);
        yield return Reopen(letters);
        foreach (var action in (string[])["pause", "resume", "cancel"])
            yield return Act(letters, action);
    }

    private static Command Redrive(LettersCommand letters)
    {
        var to = LookCommands.Text("--to", "TOPIC", "Another topic than each letter's origin.");
        var rate = new Option<int?>("--rate") { Description = "Most letters a second.", HelpName = "N" };
        var most = new Option<int?>("--max-redrives") { Description = "Leave letters alone that came back so often. Default: 5.", HelpName = "N" };
        return Work(letters, "redrive", "redrives", "Sends letters again, to where they came from. Shows where they would go and whether they would be taken.", [to, rate, most], (result, body) =>
        {
            Put(body, "to", result.GetValue(to));
            Put(body, "rate", result.GetValue(rate));
            Put(body, "maxRedrives", result.GetValue(most));
        });
    }

    private static Command Edit(LettersCommand letters)
    {
        var expression = new Argument<string>("EXPRESSION") { Description = "set FIELD = EXPRESSION, … drop FIELD, … where CONDITION; such as \"set price = cast(price as double) where venue = 'X'\"." };
        return Work(letters, "edit", "edits", "Edits letters by SQL expressions. Shows before and after, and whether they would pass their contract.", [expression], (result, body) => Put(body, "expression", result.GetValue(expression)));
    }

    private static Command Discard(LettersCommand letters)
    {
        var reason = new Option<string>("--reason") { Description = "Why they are not needed.", HelpName = "TEXT", Required = true };
        return Work(letters, "discard", "discards", "Puts letters aside, with a reason. They are kept.", [reason], (result, body) => Put(body, "reason", result.GetValue(reason)));
    }

    private static Command Reopen(LettersCommand letters) => Work(letters, "reopen", "reopens", "Opens discarded and redriven letters again.", [], static (_, _) => { });

    private static Command Work(LettersCommand letters, string name, string path, string description, IEnumerable<Symbol> symbols, Action<ParseResult, Dictionary<string, object>> add)
    {
        var filter = new FilterOptions();
        var yes = new Option<bool>("--yes") { Description = "Do it; without this only what would happen is shown." };
        var leave = new Option<bool>("--leave-new") { Description = "Do it on what was shown, though more letters have come since." };
        var (samples, json) = (LookCommands.Text("--samples", "N", "Letters to show. Default: 5."), ManageCommands.AsJson());
        return letters.Command(name, description, [.. symbols, .. filter.Symbols(states: false), yes, leave, samples, json], async (api, result, cancellationToken) =>
        {
            var body = new Dictionary<string, object>(StringComparer.Ordinal) { ["filter"] = filter.Body(result) };
            add(result, body);
            var preview = await api.PostAsync($"/v1/{path}/preview{(result.GetValue(samples) is { } count ? $"?samples={ManageCommands.Escape(count)}" : "")}", body, cancellationToken);
            if (result.GetValue(json))
                JsonTable.Json(preview);
            else
                Show(preview);
            if (!result.GetValue(yes))
            {
                System.Console.Error.WriteLine("nothing was done: add --yes");
                return;
            }

            body["token"] = preview.GetProperty("token").GetString()!;
            if (result.GetValue(leave))
                body["grown"] = "leave";
            var job = await api.PostAsync($"/v1/{path}", body, cancellationToken);
            await FollowAsync(letters, api, job.GetProperty("id").GetString()!, cancellationToken);
        });
    }

    private static Command Replace(LettersCommand letters)
    {
        var id = LookCommands.Id();
        var (value, fields, text, key) = (
            LookCommands.Text("--value", "JSON", "The whole message."), LookCommands.Text("--fields", "JSON", "An object of fields to set; null takes one away."), LookCommands.Text("--message", "TEXT", "The whole message, as text."), LookCommands.Text("--new-key", "KEY", "Another key."));
        var yes = new Option<bool>("--yes") { Description = "Do it; without this only what would happen is shown." };
        return letters.Command("replace", "Edits one letter.", [id, value, fields, text, key, yes], async (api, result, cancellationToken) =>
        {
            var body = new Dictionary<string, object>(StringComparer.Ordinal);
            Put(body, "value", Json("--value", result.GetValue(value)));
            Put(body, "fields", Json("--fields", result.GetValue(fields)));
            Put(body, "text", result.GetValue(text));
            Put(body, "key", result.GetValue(key));
            var path = $"/v1/letters/{ManageCommands.Escape(result.GetValue(id)!)}/edit";
            JsonTable.Json(await api.PostAsync(result.GetValue(yes) ? path : $"{path}/preview", body, cancellationToken));
            if (!result.GetValue(yes))
                System.Console.Error.WriteLine("nothing was done: add --yes");
        });
    }

    private static Command Undo(LettersCommand letters)
    {
        var id = LookCommands.Id();
        return letters.Command("undo", "Takes a letter's last edit back.", [id], async (api, result, cancellationToken) =>
            JsonTable.Json(await api.PostAsync($"/v1/letters/{ManageCommands.Escape(result.GetValue(id)!)}/undo", null, cancellationToken)));
    }

    private static Command Act(LettersCommand letters, string action)
    {
        var id = new Argument<string>("ID") { Description = "The job's id." };
        return letters.Command($"job-{action}", action switch { "pause" => "Stops a job, to be resumed.", "resume" => "Goes on with a paused or failed job.", _ => "Stops a job for good." }, [id], async (api, result, cancellationToken) =>
        {
            await api.PostAsync($"/v1/jobs/{ManageCommands.Escape(result.GetValue(id)!)}/{action}", null, cancellationToken);
            if (action == "resume")
                await FollowAsync(letters, api, result.GetValue(id)!, cancellationToken);
        });
    }

    private static void Show(JsonElement preview)
    {
        JsonTable.Rows([preview], "count", "looked", "changes", "passing", "failing", "unknown");
        foreach (var counts in (string[])["destinations", "skipped", "faults"])
        {
            foreach (var pair in preview.GetProperty(counts).EnumerateObject())
                System.Console.Out.WriteLine($"{counts}: {pair.Value} {pair.Name}");
        }

        foreach (var sample in preview.GetProperty("samples").EnumerateArray())
        {
            System.Console.Out.WriteLine(sample.GetProperty("id").GetString());
            foreach (var side in (string[])["before", "after"])
            {
                if (sample.GetProperty(side) is { ValueKind: JsonValueKind.Object } message)
                    System.Console.Out.WriteLine($"  {side,-7} {message.GetProperty("value").GetRawText()}");
            }

            if (JsonTable.Text(sample.GetProperty("skipped")) is { Length: > 0 } skipped)
                System.Console.Out.WriteLine($"  left    {skipped}");
            else if (sample.GetProperty("verdict") is { ValueKind: JsonValueKind.Object } verdict)
                System.Console.Out.WriteLine($"  {(verdict.GetProperty("passes").ValueKind switch { JsonValueKind.True => "passes", JsonValueKind.False => "fails", _ => "unknown" })}  {JsonTable.Text(verdict.GetProperty("field"))} {JsonTable.Text(verdict.GetProperty("rule"))} {JsonTable.Text(verdict.GetProperty("found"))}".TrimEnd());
        }
    }

    /// <summary>Tells how a job goes until it ends; Ctrl+C leaves it running in the mesh.</summary>
    private static async Task FollowAsync(LettersCommand letters, MeshApi api, string id, CancellationToken cancellationToken)
    {
        System.Console.Error.WriteLine($"job {id}; Ctrl+C leaves it running in the mesh");
        while (true)
        {
            var job = await api.GetAsync($"/v1/jobs/{id}", cancellationToken);
            System.Console.Error.WriteLine($"{job.GetProperty("progress").GetDouble():P0}, {job.GetProperty("done")} done");
            if (job.GetProperty("state").GetString() is not "running" and var state)
            {
                JsonTable.Rows([job], "id", "kind", "state", "done", "total", "skipped", "destinations");
                if (state == "failed")
                    throw new RealTimeMeshException(JsonTable.Text(job.GetProperty("fault")));
                return;
            }

            await Task.Delay(Poll, letters.Time, cancellationToken);
        }
    }

    private static JsonElement? Json(string option, string? text)
    {
        try
        {
            return text is null ? null : JsonDocument.Parse(text).RootElement;
        }
        catch (JsonException exception)
        {
            throw new RealTimeMeshException($"{option}: found text that is not JSON ({exception.Message}); expected JSON; quote it for the shell.", exception);
        }
    }

    private static void Put(Dictionary<string, object> body, string name, object? value)
    {
        if (value is not null)
            body[name] = value;
    }
}
