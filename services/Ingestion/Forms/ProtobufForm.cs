using System.Collections.Concurrent;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Streams;

namespace RealTimeMesh.Ingestion.Forms;

/// <summary>
/// One event as a Protobuf message: in Confluent's frame (schema id and place of the message), or bare, of the message that
/// the sender names or the stream declares, or else of the latest schema of subject <c>ingest.{topic}-value</c>.
/// </summary>
internal sealed class ProtobufForm(StreamSpec stream, SchemaRegistryClient registry, TimeProvider time, int? schemaId, string? messageType) : IPayloadForm
{
    /// <summary>What is remembered of ids and places that come from outside is bounded.</summary>
    private const int MaxReaders = 1_000;

    /// <summary>How long a refusal, and the latest version of a subject, hold before the registry is asked again.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Resolved> _readers = new(StringComparer.Ordinal);
    private Last? _last;

    public bool IsPrepared(ReadOnlySpan<byte> payload) => Bare(payload)
        ? Find("") is not null
        : !ProtobufFrame.TryRead(payload, out var frame) || FindFramed(payload[..frame.Length]) is not null;

    public async ValueTask PrepareAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        if (IsPrepared(payload.Span))
            return;
        var key = "";
        Resolved resolved;
        if (Bare(payload.Span))
        {
            resolved = await ResolveBareAsync(cancellationToken);
        }
        else if (ProtobufFrame.TryRead(payload.Span, out var frame))
        {
            key = Key(payload.Span[..frame.Length]);
            resolved = await ResolveAsync(frame.SchemaId, schema => schema.Find(frame.Indexes) ?? throw new ContractException($"schema id {frame.SchemaId} has no message at place {string.Join('.', frame.Indexes)}"), cancellationToken);
        }
        else
        {
            return;
        }

        if (_readers.Count >= MaxReaders)
            _readers.Clear();
        _readers[key] = resolved;
    }

    public bool TryAppend(ReadOnlySpan<byte> payload, ColumnBatch rows, out RowFault fault)
    {
        var length = 0;
        Resolved? found;
        if (Bare(payload))
        {
            found = Find("");
        }
        else if (ProtobufFrame.TryRead(payload, out var frame))
        {
            length = frame.Length;
            found = FindFramed(payload[..length]);
        }
        else
        {
            fault = new RowFault("", RowRules.Protobuf, $"{payload.Length} bytes starting with {Convert.ToHexStringLower(payload[..Math.Min(payload.Length, 6)])}", "a message, or before it a 0 byte, a 4-byte schema id and the message's place");
            return false;
        }

        if (found?.Reader is { } reader)
            return reader.TryRead(payload[length..], rows, out fault);
        fault = new RowFault("", RowRules.Schema, found?.Refusal ?? "a schema that is not known", $"a message that contract '{stream.Contract.Name}' can be filled from");
        return false;
    }

    /// <summary>No message begins with a 0 byte: field numbers begin at 1.</summary>
    private static bool Bare(ReadOnlySpan<byte> payload) => payload.IsEmpty || payload[0] != 0;

    private static string Key(ReadOnlySpan<byte> frame) => Convert.ToHexStringLower(frame);

    /// <summary>Messages of one sender are nearly always of one type.</summary>
    private Resolved? FindFramed(ReadOnlySpan<byte> frame)
    {
        if (Volatile.Read(ref _last) is { } last && frame.SequenceEqual(last.Frame))
            return last.Resolved;
        var found = Find(Key(frame));
        if (found?.Reader is not null)
            Volatile.Write(ref _last, new Last(frame.ToArray(), found));
        return found;
    }

    private Resolved? Find(string key) =>
        _readers.TryGetValue(key, out var found) && (found.Until == long.MaxValue || found.Until > time.GetTimestamp()) ? found : null;

    private async Task<Resolved> ResolveBareAsync(CancellationToken cancellationToken)
    {
        if (schemaId is { } id)
            return await ResolveAsync(id, schema => schema.Find(messageType), cancellationToken);
        if (stream.Definition.Protobuf is { } declared && (messageType is null || declared.Message == messageType || declared.Message.EndsWith("." + messageType, StringComparison.Ordinal)))
            return new Resolved(declared.Reader, null, long.MaxValue);
        var subject = $"{stream.Definition.IngestTopic}-value";
        if (await registry.FindLatestOfAnyAsync(subject, cancellationToken) is not { } latest)
            return Refuse($"a bare message, and no subject '{subject}' in the registry (name the schema with ;schema=ID, frame the message, or declare 'protobuf' in pipeline.yaml)");
        return Compile(latest.Id, latest.Schema, schema => schema.Find(messageType), Until());
    }

    private async Task<Resolved> ResolveAsync(int id, Func<ProtobufSchema, string> find, CancellationToken cancellationToken) =>
        await registry.FindSchemaAsync(id, cancellationToken) is { } schema
            ? Compile(id, schema, find, long.MaxValue)
            : Refuse($"schema id {id}, which is not in the registry");

    private Resolved Compile(int id, RegisteredSchema schema, Func<ProtobufSchema, string> find, long until)
    {
        try
        {
            var parsed = ProtobufSchema.Parse(schema);
            return new Resolved(parsed.Compile(find(parsed), stream.Contract.Rows), null, until);
        }
        catch (ContractException e)
        {
            return Refuse($"schema id {id}: {e.Message}");
        }
    }

    private Resolved Refuse(string reason) => new(null, reason, Until());

    private long Until() => time.GetTimestamp() + (long)(Freshness.TotalSeconds * time.TimestampFrequency);

    private sealed record Resolved(ProtobufRowReader? Reader, string? Refusal, long Until);

    private sealed record Last(byte[] Frame, Resolved Resolved);
}
