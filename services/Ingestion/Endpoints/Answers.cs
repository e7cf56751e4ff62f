using System.Text.Json.Serialization;
using RealTimeMesh.Ingestion.Sources;

namespace RealTimeMesh.Ingestion.Endpoints;

internal sealed record LedgerAnswer(IReadOnlyList<LedgerRow> Streams);

/// <param name="Acked">Accepted and rejected: every event that a producer has an acknowledgement for.</param>
/// <param name="Indefinite">Events whose publish got no answer.</param>
internal sealed record LedgerRow(string Pipeline, string Stream, long Acked, long Accepted, long Rejected, long Indefinite);

internal sealed record SourcesAnswer(IReadOnlyList<SourceRow> Sources);

/// <param name="Position">Rows that are published, durably.</param>
/// <param name="LagBytes">Of a database: bytes of its log that are not published; null where unknown.</param>
/// <param name="LagSeconds">Of a database: age of the oldest change that may not be published.</param>
/// <param name="Files">The files of a folder; null for other sources.</param>
internal sealed record SourceRow(string Pipeline, string Stream, string Name, string Kind, long Position, long? Total, bool Done, string? Error, long? LagBytes, double? LagSeconds, SourceFiles? Files, long Accepted, long Rejected);

internal sealed record StreamsAnswer(IReadOnlyList<StreamRow> Streams);

internal sealed record StreamRow(string Pipeline, string Name, string Topic, string IngestTopic, string Key, string TimeField, IReadOnlyList<FieldRow> Fields);

internal sealed record FieldRow(string Name, string Type, bool Nullable, bool Pii);

/// <summary>JSON form of the answers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LedgerAnswer))]
[JsonSerializable(typeof(SourcesAnswer))]
[JsonSerializable(typeof(StreamsAnswer))]
internal sealed partial class AnswerJson : JsonSerializerContext;
