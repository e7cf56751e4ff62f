using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RealTimeMesh.Administration;
using RealTimeMesh.DeadLetters.Checking;
using RealTimeMesh.DeadLetters.Editing;
using RealTimeMesh.DeadLetters.Jobs;
using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Showing;
using RealTimeMesh.DeadLetters.Storing;
using RealTimeMesh.Topics.Auditing;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.DeadLetters.Endpoints;

/// <summary>Editing one letter.</summary>
internal static class EditEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/letters/{id}/edit/preview", PreviewAsync);
        api.MapPost("/letters/{id}/edit", EditAsync);
        api.MapPost("/letters/{id}/undo", UndoAsync);
    }

    private static async Task<LetterEditAnswer> PreviewAsync(string id, SingleEdit edit, Desk desk, CancellationToken cancellationToken)
    {
        var letter = await desk.FindAsync(id, cancellationToken);
        var (value, key) = await MakeAsync(letter, edit, desk, cancellationToken);
        return await AnswerAsync(letter, value, key, letter.Version, desk, cancellationToken);
    }

    private static async Task<LetterEditAnswer> EditAsync(string id, SingleEdit edit, HttpContext context, IDeadLetterStore store, Desk desk, AuditLog audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var letter = await desk.FindAsync(id, cancellationToken);
        if (edit.Version is { } seen && seen != letter.Version)
            throw Changed(letter);
        var (value, key) = await MakeAsync(letter, edit, desk, cancellationToken);
        var who = Caller.Of(context);
        var change = new LetterChange(letter.Number, LetterState.Open, LetterState.Open, "edited", edit.Note ?? "replaced") { Edit = new NewEdit(letter.Version, edit.Note ?? "replaced", value, key) };
        await audit.RecordAsync(who, "edit letter", id, new { letter.Version }, () => ApplyAsync(store, letter, change, who, time), static now => new { now.Version }, cancellationToken);
        return await AnswerAsync(letter, value, key, letter.Version, desk, cancellationToken);
    }

    private static async Task<LetterDetailAnswer> UndoAsync(string id, HttpContext context, IDeadLetterStore store, Desk desk, AuditLog audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var letter = await desk.FindAsync(id, cancellationToken);
        if (letter.Version == 0)
            throw Refuse.Conflict($"letter '{id}'", "the original", "an edited letter", "there is nothing to undo");
        var who = Caller.Of(context);
        var change = new LetterChange(letter.Number, LetterState.Open, LetterState.Open, "undone", $"version {letter.Version}") { Undo = true };
        var now = await audit.RecordAsync(who, "undo edit", id, new { letter.Version }, () => ApplyAsync(store, letter, change, who, time), static after => new { after.Version }, cancellationToken);
        return new LetterDetailAnswer(id, now.Version, await desk.Shower().MessageAsync(now, now.Current, now.CurrentKey, cancellationToken));
    }

    private static async Task<StoredLetter> ApplyAsync(IDeadLetterStore store, StoredLetter letter, LetterChange change, string who, TimeProvider time)
    {
        var changed = await store.ApplyAsync(new LetterChanges { At = time.GetUtcNow(), Who = who, Letters = [change] }, CancellationToken.None);
        if (changed.Count == 0)
            throw Changed(letter);
        return (await store.FindAsync(letter.Content.Place, CancellationToken.None))!;
    }

    private static Exception Changed(StoredLetter letter) =>
        Refuse.Conflict($"letter '{letter.Id}'", "it changed since, or not open", $"an open letter of the version that was seen", "look at it again");

    /// <summary>The edited message: exactly one of the ways to say it.</summary>
    private static async Task<(byte[] Value, string? Key)> MakeAsync(StoredLetter letter, SingleEdit edit, Desk desk, CancellationToken cancellationToken)
    {
        if (letter.State != LetterState.Open)
            throw Refuse.Conflict($"letter '{letter.Id}'", $"it {letter.State}".ToLowerInvariant(), "an open letter", "reopen it first");
        var key = edit.Key ?? letter.CurrentKey;
        object?[] ways = [edit.Value, edit.Fields, edit.Text, edit.Base64];
        if (ways.Count(way => way is not null) > 1 || (ways.All(way => way is null) && edit.Key is null))
            throw Refuse.Invalid("edit", "none or several of value, fields, text, base64", "one of them, or a key alone");
        if (edit.Text is { } text)
            return (Encoding.UTF8.GetBytes(text), key);
        if (edit.Base64 is { } base64)
        {
            var bytes = new byte[base64.Length];
            return Convert.TryFromBase64String(base64, bytes, out var length) ? (bytes[..length], key) : throw Refuse.Invalid("base64", "text that is not base64", "base64");
        }

        if (edit.Value is null && edit.Fields is null)
            return (letter.Current.ToArray(), key);
        var editor = desk.Editor();
        var (before, fault) = await editor.ReadAsync(letter.Current, cancellationToken);
        if (edit.Fields is not null && before is null)
            throw Refuse.Invalid("fields", fault!, "a message that is an object", "replace it by value, text or base64");
        var message = edit.Value is { } value ? JsonNode.Parse(value.GetRawText()) : Merged(before!, edit.Fields!);
        // What was masked when it was shown was not meant to be changed.
        desk.Streams.Personal(letter.Content.Origin.Topic)?.Restore(message, before);
        (await editor.PersonalAsync(letter.Current, cancellationToken))?.Restore(message, before);
        var (outcome, written, _) = await editor.WriteAsync(letter.Current, message, key, cancellationToken);
        return outcome.Fault is { } wrong ? throw Refuse.Invalid("value", wrong, "a message in the form it had", "or replace it by text or base64") : (written, key);
    }

    private static JsonNode Merged(JsonObject before, IReadOnlyDictionary<string, JsonElement> fields)
    {
        var merged = before.DeepClone().AsObject();
        foreach (var (name, value) in fields)
        {
            if (value.ValueKind == JsonValueKind.Null)
                merged.Remove(name);
            else
                merged[name] = JsonNode.Parse(value.GetRawText());
        }

        return merged;
    }

    private static async Task<LetterEditAnswer> AnswerAsync(StoredLetter letter, byte[] value, string? key, int from, Desk desk, CancellationToken cancellationToken)
    {
        var shower = desk.Shower();
        var destination = Destination.Of(letter with { Edit = new LetterEdit(from + 1, from, default, "", "", value, key) }, null, desk.Streams);
        return new LetterEditAnswer(
            letter.Id, await shower.MessageAsync(letter, letter.Current, letter.CurrentKey, cancellationToken), await shower.MessageAsync(letter, value, key, cancellationToken), destination.Topic,
            shower.Mask(letter.Content, await desk.Checks().CheckAsync(value, destination, cancellationToken)));
    }

    /// <param name="Value">The whole message, as JSON; Avro messages are written by the schema they had.</param>
    /// <param name="Fields">Fields to set; null takes one away.</param>
    /// <param name="Text">The whole message, as text.</param>
    /// <param name="Base64">The whole message, as bytes.</param>
    /// <param name="Key">Another key.</param>
    /// <param name="Version">The version that was seen; refused where another holds by now.</param>
    internal sealed record SingleEdit(JsonElement? Value, IReadOnlyDictionary<string, JsonElement>? Fields, string? Text, string? Base64, string? Key, int? Version, string? Note);

    internal sealed record LetterEditAnswer(string Id, ShownMessage Before, ShownMessage After, string? Destination, Verdict Verdict);

    internal sealed record LetterDetailAnswer(string Id, int Version, ShownMessage Message);
}
