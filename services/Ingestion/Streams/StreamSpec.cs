using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;
using RealTimeMesh.Rules;

namespace RealTimeMesh.Ingestion.Streams;

/// <summary>What the row path must know of a stream.</summary>
internal sealed class StreamSpec
{
    public StreamSpec(StreamDefinition definition, EventIds ids, IngestionOptions options)
    {
        Definition = definition;
        Ids = ids;
        Json = new JsonRowReader(definition.Contract.Rows) { MaxBytes = options.MaxEventBytes };
        KeyOrdinal = Contract.Rows.IndexOf(definition.Key);
        TimeOrdinal = Contract.Rows.IndexOf(definition.Time.Field);
        if (KeyOrdinal < 0)
            throw new RealTimeMeshException($"stream '{definition.Topic}': key '{definition.Key}' is not a field of contract {Contract.Name}; expected one of {string.Join(", ", Contract.Rows.Fields.Select(field => field.Name))}. Correct 'key' in pipeline.yaml.");
    }

    public StreamDefinition Definition { get; }

    public EventIds Ids { get; }

    /// <summary>Reads the contract's events; shared by all batches.</summary>
    public JsonRowReader Json { get; }

    public AvroContract Contract => Definition.Contract;

    public string Topic => Definition.Topic;

    public int KeyOrdinal { get; }

    /// <summary>-1 where the contract has no such field.</summary>
    public int TimeOrdinal { get; }

    /// <summary>The registry's id of the contract; set before the stream takes events.</summary>
    public int SchemaId { get; set; }

    /// <summary>Rules of the registered contract for what is written; null where it has none. Set as the id is.</summary>
    public RowRuleSet? Rules { get; set; }
}
