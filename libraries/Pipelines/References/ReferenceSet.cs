using System.Diagnostics.CodeAnalysis;
using RealTimeMesh.DataQuality;

namespace RealTimeMesh.Pipelines;

/// <summary>The reference tables of a pipeline; gives expectations their <c>$PARAMETER</c> values.</summary>
public sealed class ReferenceSet : IReferenceValues
{
    private readonly Dictionary<string, ReferenceTable> _tables;

    public ReferenceSet(IEnumerable<ReferenceTable> tables) =>
        _tables = tables.ToDictionary(t => t.Name, StringComparer.Ordinal);

    /// <summary>Reads all reference files of a pipeline. Throws <see cref="Contracts.ConfigurationException"/> where one is faulty.</summary>
    public static ReferenceSet Load(PipelineDefinition pipeline) => new(pipeline.References.Select(ReferenceTable.Load));

    public bool TryGet(string name, [NotNullWhen(true)] out ReferenceTable? table) => _tables.TryGetValue(name, out table);

    public IReadOnlySet<string>? Find(string reference, string column) =>
        _tables.TryGetValue(reference, out var table) ? table.Values(column) : null;
}
