using System.Text.Json;

namespace RealTimeMesh.Ingestion.Generators;

/// <summary>A built-in source of events. A row depends on nothing but seed and row number, so that it can begin anywhere.</summary>
internal interface IEventGenerator
{
    /// <summary>The name that pipeline.yaml uses.</summary>
    string Name { get; }

    /// <summary>Writes one event as a JSON object.</summary>
    void Write(Utf8JsonWriter json, long seed, long row);
}
