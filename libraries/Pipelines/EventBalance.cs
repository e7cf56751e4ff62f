using System.Text.Json.Serialization;

namespace RealTimeMesh.Pipelines;

/// <summary>
/// What became of a stream's events. Every acknowledged or redriven one ends in exactly one of applied, late, dead-lettered and
/// quarantined, and the first two kinds are rows of the bronze table, where the stream has one. The counts come from
/// parts that do not know each other's: the front door, the processor and the lake. Views and bronze balance each on
/// their own: an event that bronze sets aside because of a constraint is applied all the same.
/// </summary>
public record EventBalance
{
    /// <summary>Acknowledged to a producer, by Ingestion's durable count.</summary>
    public required long Acked { get; init; }

    /// <summary>In a view's window, or consumed where the stream has no view.</summary>
    public required long Applied { get; init; }

    /// <summary>Rows of the stream in the dead-letter table.</summary>
    public required long DeadLettered { get; init; }

    public required long Late { get; init; }

    /// <summary>Set aside by the processor, by the lake, or by both: the larger count.</summary>
    public required long Quarantined { get; init; }

    /// <summary>Set aside by the processor. Default: <see cref="Quarantined"/>.</summary>
    [JsonIgnore]
    public long? NotApplied { get; init; }

    /// <summary>Set aside by the lake. Default: <see cref="Quarantined"/>.</summary>
    [JsonIgnore]
    public long? NotStored { get; init; }

    /// <summary>
    /// Set aside, mended and sent to their topic again, by the processor's count or the lake's: the larger one. Each ends once more in one
    /// of the kinds, so that acked + redriven = applied + late + dead-lettered + quarantined. What is sent to the front door is acknowledged again instead.
    /// </summary>
    public long Redriven { get; init; }

    /// <summary>Those that came to the processor. Default: <see cref="Redriven"/>.</summary>
    [JsonIgnore]
    public long? AppliedAgain { get; init; }

    /// <summary>Those that came to the lake. Default: <see cref="Redriven"/>.</summary>
    [JsonIgnore]
    public long? StoredAgain { get; init; }

    /// <summary>Rows of the bronze table.</summary>
    public required long Stored { get; init; }

    /// <summary>Deliveries recognised as repeats and dropped; they had no effect.</summary>
    public required long RepeatsDropped { get; init; }

    /// <summary>Distinct event ids in bronze, by SQL; -1 before an audit.</summary>
    public long DistinctStored { get; init; } = -1;

    /// <summary>The stream has a bronze table. Default: it has.</summary>
    [JsonIgnore]
    public bool HasBronze { get; init; } = true;

    /// <summary>Events that should be in bronze.</summary>
    [JsonIgnore]
    public long Expected => Acked + (StoredAgain ?? Redriven) - DeadLettered - (NotStored ?? Quarantined);

    /// <summary>Acknowledged and nowhere, or not there yet: the worse of what views and bronze miss.</summary>
    [JsonIgnore]
    public long Missing => Math.Max(0, Math.Max(ExpectedEffects - Effects, HasBronze ? Expected - (IsAudited ? DistinctStored : Stored) : 0));

    /// <summary>Counted twice in a view, or twice in bronze.</summary>
    [JsonIgnore]
    public long Surplus => Math.Max(0, Math.Max(Effects - ExpectedEffects, HasBronze ? Stored - (IsAudited ? DistinctStored : Expected) : 0));

    private long ExpectedEffects => Acked + (AppliedAgain ?? Redriven) - DeadLettered - (NotApplied ?? Quarantined);

    private long Effects => Applied + Late;

    private bool IsAudited => DistinctStored >= 0;
}
