using System.Globalization;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Sidecar.State;

/// <summary>One key of a save, delete or transaction, from either API.</summary>
internal sealed record StateItemRequest(string Key)
{
    public ReadOnlyMemory<byte> Value { get; init; }

    /// <summary>The value came as JSON, over HTTP.</summary>
    public bool IsJson { get; init; }

    public string? ETag { get; init; }

    public StateConcurrency Concurrency { get; init; }

    public StateConsistency Consistency { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The store's operation. Throws <see cref="StateRequestException"/> where a setting of the request is wrong.</summary>
    public StateOperation ToOperation(StateOperationKind kind, StateComponent component) => new(kind, component.Key(Key))
    {
        Value = Value,
        IsJson = IsJson,
        ETag = string.IsNullOrEmpty(ETag) ? null : ETag,
        Concurrency = Concurrency,
        Consistency = Consistency,
        Ttl = kind == StateOperationKind.Upsert ? Ttl() : null,
    };

    private TimeSpan? Ttl()
    {
        if (!Metadata.TryGetValue("ttlInSeconds", out var text) || text.Length == 0)
            return null;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) || seconds < -1)
            throw new StateRequestException($"ttlInSeconds of key '{Key}' is '{text}'; expected whole seconds, or -1 for no limit");
        return TimeSpan.FromSeconds(Math.Max(0, seconds));
    }
}

/// <summary>A write the API must refuse before the store sees it.</summary>
internal sealed class StateRequestException(string message) : RealTimeMeshException(message);

/// <summary>One operation of a transaction.</summary>
internal sealed record StateTransactionOperation(StateOperationKind Kind, StateItemRequest Item);
