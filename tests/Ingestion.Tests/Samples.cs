using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>A small stream for tests.</summary>
internal static class Samples
{
    public const string Topic = "test.visits";

    public static AvroContract Contract { get; } = AvroContract.Parse("""
        {"type":"record","name":"Visit","namespace":"test","fields":[
          {"name":"place","type":"string","aliases":["where"]},
          {"name":"seconds","type":"int"},
          {"name":"score","type":["null","double"],"default":null},
          {"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}}]}
        """);

    public static StreamDefinition Stream(params SourceDefinition[] sources) => new()
    {
        Pipeline = "test",
        Name = "visits",
        Contract = Contract,
        Key = "place",
        Time = new EventTime("at", TimeSpan.Zero, TimeSpan.FromSeconds(1)),
        Sources = sources,
    };

    public static string Good(int i) => $$"""{"place":"P{{i % 7}}","seconds":{{i}},"score":{{i / 2.0}},"at":"2026-01-01T00:00:{{i % 60:D2}}Z"}""";
}
