using System.Text;
using System.Text.Json.Nodes;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.DeadLetters.Checking;
using RealTimeMesh.DeadLetters.Jobs;
using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;
using RealTimeMesh.Topics.Browsing;

namespace RealTimeMesh.DeadLetters.Showing;

/// <summary>Makes what callers see of letters: decoded, with personal fields masked. Of one request; not thread-safe.</summary>
internal sealed class LetterShower(MessageDecoder decoder, StreamChecks streams, bool masked)
{
    private const int PreviewLength = 200;

    public async ValueTask<LetterSummary> SummaryAsync(StoredLetter letter, CancellationToken cancellationToken)
    {
        var content = letter.Content;
        var shown = await DecodeAsync(letter, letter.Current, cancellationToken);
        var text = shown.Text;
        return new LetterSummary(
            letter.Id, letter.Number, letter.State, content.Place.Topic, content.Fingerprint, Reason(content), content.Origin with { Key = Key(content, content.Origin.Key) }, content.FailedAt, content.ReceivedAt,
            content.Attempts, letter.Redrives, content.RedriveOf, content.TraceId, content.EventId, letter.Version, letter.Job,
            content.OriginalLength ?? content.Original.Length, shown.Format, text.Length > PreviewLength ? DeadLetterWriter.Clip(text, PreviewLength) : text);
    }

    public async ValueTask<LetterDetail> DetailAsync(StoredLetter letter, IReadOnlyList<LetterEdit> edits, IReadOnlyList<LetterEvent> history, LetterChecks checks, CancellationToken cancellationToken)
    {
        var content = letter.Content;
        var destination = Destination.Of(letter, null, streams);
        var versions = new List<EditSummary>();
        foreach (var edit in edits)
            versions.Add(new EditSummary(edit.Version, edit.Parent, edit.At, edit.Who, edit.What, await MessageAsync(letter, edit.Value, edit.Key, cancellationToken)));
        return new LetterDetail(
            await SummaryAsync(letter, cancellationToken),
            await MessageAsync(letter, content.Original, content.Origin.Key, cancellationToken),
            letter.Edit is { } current ? await MessageAsync(letter, current.Value, current.Key, cancellationToken) : null,
            content.ContentType, Headers(content), letter.IsCut, content.OriginalSha256, destination.Topic,
            Mask(content, await checks.CheckAsync(letter.Current, destination, cancellationToken)), await CompareAsync(letter, cancellationToken), versions, history, masked);
    }

    public async ValueTask<ShownMessage> MessageAsync(StoredLetter letter, ReadOnlyMemory<byte> value, string? key, CancellationToken cancellationToken)
    {
        var decoded = await DecodeAsync(letter, value, cancellationToken);
        return new ShownMessage(Key(letter.Content, key), decoded.Format, decoded.Value, decoded.Schema, decoded.Fault);
    }

    /// <summary>The message as it is shown; personal fields of the stream's contract are masked in it, and those of its own schema by the decoder.</summary>
    public async ValueTask<DecodedValue> DecodeAsync(StoredLetter letter, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        var decoded = await decoder.DecodeAsync(value, cancellationToken);
        if (!masked || streams.Personal(letter.Content.Origin.Topic) is not { IsEmpty: false } personal)
            return decoded;
        if (decoded.Value is JsonObject or JsonArray)
            return decoded with { Value = personal.Mask(decoded.Value) };
        // What cannot be read as fields may hold personal ones anywhere.
        return decoded.Format is "null" ? decoded : decoded with { Value = JsonValue.Create(PersonalFields.Masked) };
    }

    /// <summary>What a search for a text looks through.</summary>
    public async ValueTask<bool> ContainsAsync(StoredLetter letter, string text, CancellationToken cancellationToken)
    {
        var reason = Reason(letter.Content);
        return Has(reason.Message) || Has(reason.Found) || Has((await DecodeAsync(letter, letter.Current, cancellationToken)).Text);

        bool Has(string? where) => where?.Contains(text, StringComparison.OrdinalIgnoreCase) == true;
    }

    public GroupSummary Group(LetterGroup group, IReadOnlyList<string> examples) => new(
        group.Fingerprint, group.DeadLetterTopic, group.Topic, group.Consumer, group.Class, group.Rule, group.Field, group.Expected,
        IsPersonal(group.Topic, group.Field) ? $"field '{group.Field}': found {PersonalFields.Masked}; expected {group.Expected}" : group.Message,
        group.Counts.Total, group.Counts, group.FirstSeen, group.LastSeen, group.LastFiveMinutes / 5.0, group.LastHour / 60.0, examples);

    /// <summary>What is found by a rule on the whole message names several fields, any of which may be personal.</summary>
    public Verdict Mask(LetterContent content, Verdict verdict) =>
        IsPersonal(content.Origin.Topic, verdict.Field) || (masked && verdict is { Field: null, Found: not null } && streams.Personal(content.Origin.Topic) is { IsEmpty: false })
            ? verdict with { Found = PersonalFields.Masked }
            : verdict;

    private LetterReason Reason(LetterContent content)
    {
        var reason = content.Reason;
        return IsPersonal(content.Origin.Topic, reason.Field)
            ? reason with { Found = reason.Found is null ? null : PersonalFields.Masked, Message = $"field '{reason.Field}': found {PersonalFields.Masked}; expected {reason.Expected}" }
            : reason;
    }

    private string? Key(LetterContent content, string? key) =>
        key is not null && streams.Find(content.Origin.Topic) is { } stream && IsPersonal(content.Origin.Topic, stream.Stream.Key) ? PersonalFields.Masked : key;

    private bool IsPersonal(string? topic, string? field) => masked && field is not null && streams.Personal(topic)?.Contains(field) == true;

    private async ValueTask<IReadOnlyList<FieldDifference>?> CompareAsync(StoredLetter letter, CancellationToken cancellationToken)
    {
        if (streams.Find(letter.Content.Origin.Topic) is not { } stream)
            return null;
        var decoded = await new MessageDecoder(null, "json").DecodeAsync(letter.Current, cancellationToken);
        return decoded.Value is JsonObject message ? stream.Compare(letter.Current.Span, message) : null;
    }

    private static Dictionary<string, string> Headers(LetterContent content)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var header in content.Headers)
            headers[Encoding.UTF8.GetString(header.Name)] = MessageDecoder.Label(header.Value);
        return headers;
    }
}
