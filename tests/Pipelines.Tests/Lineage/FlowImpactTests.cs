using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines.Tests;

public sealed class FlowImpactTests
{
    [Fact]
    public async Task Views_of_sliding_windows_sessions_and_joins_are_among_what_a_contract_change_reaches()
    {
        using var folder = FlowSectionTests.Pipelines();
        var pipeline = folder.Load().Pipelines[0];
        var stream = pipeline.Streams.Single(stream => stream.Name == "departures");
        var json = stream.Contract.Json;

        var withoutDelay = await OfAsync(json.Replace("""{"name":"delay","type":["null","int"]},""", "", StringComparison.Ordinal));
        Assert.Equal(ImpactEffect.Breaks, withoutDelay["air.busy"].Effect);
        Assert.Equal(ImpactEffect.None, withoutDelay["air.shifts"].Effect);
        Assert.Equal(ImpactEffect.Breaks, withoutDelay["air.turns"].Effect);
        Assert.Contains("right.delay", withoutDelay["air.turns"].Reason, StringComparison.Ordinal);

        var wider = await OfAsync(json.Replace("""["null","int"]""", """["null","double"]""", StringComparison.Ordinal));
        Assert.Equal(ImpactEffect.Changes, wider["air.busy"].Effect);
        Assert.StartsWith("'worst' is made of double instead of ", wider["air.busy"].Reason, StringComparison.Ordinal);
        Assert.Equal(["air.departures"], wider["air.busy"].Via);
        Assert.Equal(ImpactEffect.None, wider["air.shifts"].Effect);

        async Task<Dictionary<string, Impact>> OfAsync(string schema)
        {
            Assert.NotEqual(json, schema);
            var impacts = await new ImpactAnalysis(folder.Root, pipeline, stream, new NoQueries()).OfChangeAsync(schema, TestContext.Current.CancellationToken);
            return impacts.Where(impact => impact.Kind == "view").ToDictionary(impact => impact.Name);
        }
    }

    private sealed class NoQueries : IQueryColumns
    {
        public Task<(RowSchema? Columns, string? Error)> DescribeAsync(string sql, IReadOnlyDictionary<string, RowSchema> tables, IReadOnlyList<ReferenceDefinition> references, CancellationToken cancellationToken) =>
            Task.FromResult<(RowSchema?, string?)>((new RowSchema([new Field("airport", FieldType.String, true)]), null));
    }
}
