using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Streams;

namespace RealTimeMesh.Ingestion.Forms;

/// <summary>One event as Avro binary, in Confluent's frame (schema id), in Avro's single-object encoding (fingerprint), or as a file of one record.</summary>
internal sealed class AvroForm(StreamSpec stream, SchemaRegistryClient registry, TimeProvider time) : IPayloadForm
{
    private const string Expected = "a 0 byte and a 4-byte schema id, or c301 and an 8-byte fingerprint, before Avro binary";

    private readonly ContractDecoder _decoder = new(stream.Contract, registry);
    private readonly AvroFingerprints _fingerprints = new(stream, registry, time);
    private readonly FieldDomain _domain = new(stream.Contract.Rows);

    public bool IsPrepared(ReadOnlySpan<byte> payload)
    {
        if (ConfluentFrame.TryRead(payload, out var id, out _))
            return _decoder.IsPrepared(id);
        return !AvroFingerprint.TryRead(payload, out var fingerprint, out _) || _fingerprints.IsPrepared(fingerprint);
    }

    public async ValueTask PrepareAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        if (ConfluentFrame.TryRead(payload.Span, out var id, out _))
            await _decoder.PrepareAsync(id, cancellationToken);
        else if (AvroFingerprint.TryRead(payload.Span, out var fingerprint, out _))
            await _fingerprints.PrepareAsync(fingerprint, cancellationToken);
    }

    public bool TryAppend(ReadOnlySpan<byte> payload, ColumnBatch rows, out RowFault fault)
    {
        if (ConfluentFrame.TryRead(payload, out _, out _))
            return _decoder.TryDecodeRow(payload, rows, out fault) && _domain.Admits(rows, out fault);
        if (AvroFingerprint.TryRead(payload, out var fingerprint, out var value))
        {
            if (_fingerprints.Find(fingerprint) is { } reader)
                return reader.TryReadRow(value, rows, out fault) && _domain.Admits(rows, out fault);
            fault = new RowFault("", RowRules.Schema, $"fingerprint {fingerprint:x16}", $"that of a version of subject '{stream.Definition.Subject}'");
            return false;
        }

        if (payload.StartsWith(AvroFileForm.Magic))
            return AvroFileForm.TryAppend(stream.Contract, payload, rows, out fault) && _domain.Admits(rows, out fault);
        fault = new RowFault("", RowRules.Avro, Describe(payload), Expected);
        return false;
    }

    private static string Describe(ReadOnlySpan<byte> payload) => payload.IsEmpty
        ? "no bytes"
        : $"{payload.Length} bytes starting with {Convert.ToHexStringLower(payload[..Math.Min(payload.Length, 5)])}";
}
