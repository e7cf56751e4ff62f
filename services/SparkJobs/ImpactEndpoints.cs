using RealTimeMesh.DuckDb;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.SparkJobs;

/// <summary>
/// <c>GET /v1/contracts/{topic}/impact</c>: what depends on a stream's contract; <c>POST</c> with a new text of it: what that would
/// break. The answers are those of <c>contracts impact</c>; one is worked out at a time.
/// </summary>
internal sealed class ImpactEndpoints(string pipelinesPath, IReadOnlyList<PipelineDefinition> pipelines) : IDisposable
{
    private const int MaxSchemaCharacters = 1_000_000;

    private readonly SemaphoreSlim _gate = new(1, 1);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/contracts/{topic}/impact", (string topic, CancellationToken cancellationToken) => WithAsync(topic, analysis => DependentsAsync(analysis, cancellationToken), cancellationToken));
        routes.MapPost("/v1/contracts/{topic}/impact", (string topic, Change change, CancellationToken cancellationToken) =>
            change.Schema is { Length: > 0 and <= MaxSchemaCharacters } schema
                ? WithAsync(topic, analysis => ChangeAsync(analysis, topic, schema, cancellationToken), cancellationToken)
                : Task.FromResult(Error(StatusCodes.Status400BadRequest, $"schema: found {change.Schema?.Length ?? 0} characters; expected 1 to {MaxSchemaCharacters}; send the contract as it would be.")));
    }

    public void Dispose() => _gate.Dispose();

    private async Task<IResult> WithAsync(string topic, Func<ImpactAnalysis, Task<IResult>> work, CancellationToken cancellationToken)
    {
        var found = pipelines.SelectMany(pipeline => pipeline.Streams.Select(stream => (Pipeline: pipeline, Stream: stream))).FirstOrDefault(pair => pair.Stream.Topic == topic);
        if (found.Stream is null)
            return Error(StatusCodes.Status404NotFound, $"contract '{topic}': found no stream of that topic; expected one of {string.Join(", ", pipelines.SelectMany(pipeline => pipeline.Streams).Select(stream => stream.Topic))}; correct the name.");
        await _gate.WaitAsync(cancellationToken);
        try
        {
            using var engine = new DuckDbQueryColumns();
            return await work(new ImpactAnalysis(pipelinesPath, found.Pipeline, found.Stream, engine));
        }
        finally
        {
            _gate.Release();
        }
    }

    private static async Task<IResult> DependentsAsync(ImpactAnalysis analysis, CancellationToken cancellationToken) =>
        TypedResults.Ok(new DependentsAnswer([.. (await analysis.DependentsAsync(cancellationToken)).Select(part => new DependentPart(part.Kind, part.Name, part.Fields, part.Via))]));

    private static async Task<IResult> ChangeAsync(ImpactAnalysis analysis, string topic, string schema, CancellationToken cancellationToken)
    {
        var reasons = analysis.Unreadable(schema);
        ImpactPart[] parts =
        [
            new("history", topic, reasons.Count > 0 ? "breaks" : "none", string.Join("; ", reasons), []),
            .. (await analysis.OfChangeAsync(schema, cancellationToken)).Select(impact => new ImpactPart(impact.Kind, impact.Name, impact.Effect.ToString().ToLowerInvariant(), impact.Reason, impact.Via)),
        ];
        return TypedResults.Ok(new ImpactAnswer(parts.Count(part => part.Effect == "breaks"), parts));
    }

    private static IResult Error(int status, string text) => TypedResults.Json(new { error = text }, statusCode: status);

    private sealed record Change(string? Schema);

    /// <param name="Breaks">Parts that would not work any more.</param>
    private sealed record ImpactAnswer(int Breaks, IReadOnlyList<ImpactPart> Parts);

    /// <param name="Effect"><c>none</c>, <c>changes</c> or <c>breaks</c>.</param>
    private sealed record ImpactPart(string Kind, string Name, string Effect, string Reason, IReadOnlyList<string> Via);

    private sealed record DependentsAnswer(IReadOnlyList<DependentPart> Parts);

    private sealed record DependentPart(string Kind, string Name, IReadOnlyList<string> Needs, IReadOnlyList<string> Via);
}
