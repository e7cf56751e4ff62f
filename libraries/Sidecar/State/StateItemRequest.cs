using System.Globalization;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Sidecar.State;

/// <summary>One key of a save, delete or transaction, from either API.</summary>
internal sealed record StateItemRequest(string Key)
{
    public StateValue Value { get; init; } = StateValue.Null;

    public string? ETag { get; init; }

    public string Concurrency { get; init; } = "";

    public string Consistency { get; init; } = "";

    public string? ContentType { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = NoMetadata;

    public static IReadOnlyDictionary<string, string> NoMetadata { get; } = new Dictionary<string, string>();

    /// <summary>The store's operation. Throws <see cref="StateRequestException"/> where a setting of the request is wrong.</summary>
    public StateOperation ToOperation(StateOperationKind kind, StateComponent component) => new(kind, component.Key(Key))
    {
        Value = kind == StateOperationKind.Upsert ? component.Seal(Value) : default,
        IsJson = kind == StateOperationKind.Upsert && !Value.IsBinary && !component.IsEncrypted,
        ETag = string.IsNullOrEmpty(ETag) ? null : ETag,
        Concurrency = Concurrency switch
        {
            "" => StateConcurrency.Unspecified,
            "first-write" => StateConcurrency.FirstWrite,
            "last-write" => StateConcurrency.LastWrite,
            _ => throw new StateRequestException($"unrecognized concurrency model '{Concurrency}'"),
        },
        Consistency = ReadConsistency(Consistency),
        Ttl = kind == StateOperationKind.Upsert && component.Store.Capabilities.Ttl ? Ttl() : null,
        Metadata = Metadata.Count > 0 ? Metadata : null,
        ContentType = ContentType,
    };

    public static StateConsistency ReadConsistency(string text) => text switch
    {
        "" => StateConsistency.Unspecified,
        "eventual" => StateConsistency.Eventual,
        "strong" => StateConsistency.Strong,
        _ => throw new StateRequestException($"unrecognized consistency model '{text}'"),
    };

    private TimeSpan? Ttl()
    {
        if (!Metadata.TryGetValue("ttlInSeconds", out var text) || text.Length == 0)
            return null;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
            throw new StateRequestException($"incorrect value for metadata 'ttlInSeconds': strconv.ParseInt: parsing \"{text}\": invalid syntax");
        if (seconds is < -1 or > int.MaxValue)
            throw new StateRequestException("incorrect value for metadata 'ttlInSeconds': must be -1 or greater");
        return TimeSpan.FromSeconds(Math.Max(0, seconds));
    }
}

/// <summary>A write the API must refuse before the store sees it.</summary>
internal sealed class StateRequestException(string message) : RealTimeMeshException(message);

/// <summary>One operation of a transaction.</summary>
internal sealed record StateTransactionOperation(StateOperationKind Kind, StateItemRequest Item);
