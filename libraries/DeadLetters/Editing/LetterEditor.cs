using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RealTimeMesh.Contracts;
using RealTimeMesh.DeadLetters.Checking;
using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.Topics.Browsing;

namespace RealTimeMesh.DeadLetters.Editing;

/// <summary>Reads messages as JSON and writes them back in the form they had: JSON, or Avro by the schema whose id they carry. Of one request; not thread-safe.</summary>
/// <param name="decoder">Unmasked: what is edited must be what is stored.</param>
internal sealed class LetterEditor(MessageDecoder decoder, StreamChecks streams)
{
    private readonly Dictionary<(EditRequest, string?), EditProgram> _programs = [];

    /// <summary>Runs an edit on a letter. The edited message, or why there is none.</summary>
    public async ValueTask<(EditOutcome Outcome, byte[] Value, string? Key)> RunAsync(StoredLetter letter, EditRequest request, CancellationToken cancellationToken)
    {
        var (message, fault) = await ReadAsync(letter.Current, cancellationToken);
        if (message is null)
            return (EditOutcome.Impossible(fault!), [], null);
        var topic = letter.Content.Origin.Topic;
        if (!_programs.TryGetValue((request, topic), out var program))
            _programs[(request, topic)] = program = new EditProgram(request, streams.Find(topic)?.Stream.Contract.Rows);
        var key = letter.CurrentKey;
        var outcome = program.Run(message, ref key);
        return outcome.IsChanged ? await WriteAsync(letter.Current, message, key, cancellationToken) : (outcome, [], null);
    }

    /// <summary>Reads a message as an object.</summary>
    public async ValueTask<(JsonObject? Message, string? Fault)> ReadAsync(ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        var decoded = await decoder.DecodeAsync(value, cancellationToken);
        return decoded switch
        {
            { Value: JsonObject message } => (message, null),
            { Fault: { } fault } => (null, fault),
            _ => (null, $"the message is {(decoded.Format is "bytes" ? "bytes" : "no JSON object")}: replace it whole"),
        };
    }

    /// <summary>Personal fields of the schema whose id a message carries; null where it carries none.</summary>
    public async ValueTask<PersonalFields?> PersonalAsync(ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
        ConfluentFrame.TryRead(value.Span, out var id, out _) && await decoder.FindSchemaAsync(id, cancellationToken) is { } found ? found.Personal : null;

    /// <summary>Writes a message in the form of the one before it.</summary>
    public async ValueTask<(EditOutcome Outcome, byte[] Value, string? Key)> WriteAsync(ReadOnlyMemory<byte> before, JsonNode? message, string? key, CancellationToken cancellationToken)
    {
        try
        {
            var json = Encoding.UTF8.GetBytes(message?.ToJsonString(MessageDecoder.Relaxed) ?? "null");
            if (!ConfluentFrame.TryRead(before.Span, out var id, out _))
                return (EditOutcome.Changed, json, key);
            if (await decoder.FindSchemaAsync(id, cancellationToken) is not { } found)
                return (EditOutcome.Impossible($"the schema {id} of the message cannot be had"), [], null);
            var output = new ArrayBufferWriter<byte>();
            ConfluentFrame.WriteHeader(output.GetSpan(ConfluentFrame.HeaderLength), id);
            output.Advance(ConfluentFrame.HeaderLength);
            AvroJson.Encode(found.Schema, json, tagged: false, output);
            return (EditOutcome.Changed, output.WrittenSpan.ToArray(), key);
        }
        catch (Exception exception) when (exception is ContractException or JsonException or InvalidOperationException)
        {
            return (EditOutcome.Impossible(exception.Message), [], null);
        }
    }
}
