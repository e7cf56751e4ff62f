using Microsoft.AspNetCore.Http;
using RealTimeMesh.Ingestion.Sources;
using RealTimeMesh.Ingestion.Streams;

namespace RealTimeMesh.Ingestion.Endpoints;

/// <summary>What this service knows, for the host, the console and people.</summary>
internal sealed class StateEndpoints(StreamCatalog catalog, SourcesService sources)
{
    /// <summary><c>GET /v1/ledger</c>: durable counts of each stream, doors and sources together.</summary>
    public IResult Ledger() => Results.Json(new LedgerAnswer([.. catalog.Streams.Select(LedgerOf)]), AnswerJson.Default.LedgerAnswer);

    /// <summary><c>GET /v1/sources</c></summary>
    public IResult Sources() => Results.Json(
        new SourcesAnswer([.. sources.Sources.Select(source => new SourceRow(source.Stream.Pipeline, source.Stream.Name, source.Source.Name, source.Kind, source.Stored.Position.Rows, source.Total, source.Done, source.Error, source.Lag?.Bytes, source.Lag?.Seconds, source.Files, source.Stored.Accepted, source.Stored.Rejected))]),
        AnswerJson.Default.SourcesAnswer);

    /// <summary><c>GET /v1/streams</c></summary>
    public IResult Streams() => Results.Json(
        new StreamsAnswer([.. catalog.Streams.Select(stream => stream.Spec).Select(spec => new StreamRow(
            spec.Definition.Pipeline,
            spec.Definition.Name,
            spec.Topic,
            spec.Definition.IngestTopic,
            spec.Definition.Key,
            spec.Definition.Time.Field,
            [.. spec.Contract.Rows.Fields.Select(field => new FieldRow(field.Name, Text(field.Type), field.Nullable, field.Pii))]))]),
        AnswerJson.Default.StreamsAnswer);

    private LedgerRow LedgerOf(StreamRuntime stream)
    {
        var doors = stream.Ledger.Durable;
        var past = sources.PastOf(stream.Spec.Topic);
        long accepted = doors.Accepted + past.Accepted, rejected = doors.Rejected + past.Rejected;
        foreach (var source in sources.Sources)
        {
            if (source.Stream.Topic != stream.Spec.Topic)
                continue;
            var stored = source.Stored;
            accepted += stored.Accepted;
            rejected += stored.Rejected;
        }

        return new LedgerRow(stream.Spec.Definition.Pipeline, stream.Spec.Definition.Name, accepted + rejected, accepted, rejected, doors.Indefinite);
    }

    private static string Text(Contracts.FieldType type) => type.ToString().ToLowerInvariant();
}
