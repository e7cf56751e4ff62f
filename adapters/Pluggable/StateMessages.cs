using System.Globalization;
using Google.Protobuf;
using RealTimeMesh.Components;
using RealTimeMesh.Pluggable.Protocol;

namespace RealTimeMesh.Pluggable;

/// <summary>Our words for state, and the wire's.</summary>
internal static class StateMessages
{
    private const string TtlMetadata = "ttlInSeconds";
    private const string ExpireTimeMetadata = "ttlExpireTime";

    public static GetRequest Get(StateRead read)
    {
        var request = new GetRequest { Key = read.Key, Consistency = Consistency(read.Consistency) };
        foreach (var (name, value) in read.Metadata)
            request.Metadata[name] = value;
        return request;
    }

    public static SetRequest Set(StateOperation operation)
    {
        var request = new SetRequest
        {
            Key = operation.Key,
            Value = UnsafeByteOperations.UnsafeWrap(operation.Value),
            Etag = Version(operation.ETag),
            Options = Options(operation),
            ContentType = operation.ContentType ?? "",
        };
        foreach (var (name, value) in operation.Metadata ?? NoMetadata)
            request.Metadata[name] = value;
        // Zero keeps the value for good, which the wire says with -1.
        if (operation.Ttl is { } ttl && !request.Metadata.ContainsKey(TtlMetadata))
            request.Metadata[TtlMetadata] = ttl == TimeSpan.Zero ? "-1" : Math.Ceiling(ttl.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return request;
    }

    public static DeleteRequest Delete(StateOperation operation)
    {
        var request = new DeleteRequest { Key = operation.Key, Etag = Version(operation.ETag), Options = Options(operation) };
        foreach (var (name, value) in operation.Metadata ?? NoMetadata)
            request.Metadata[name] = value;
        return request;
    }

    public static TransactionalStateOperation Transactional(StateOperation operation) => operation.Kind == StateOperationKind.Upsert
        ? new TransactionalStateOperation { Set = Set(operation) }
        : new TransactionalStateOperation { Delete = Delete(operation) };

    /// <summary>The item of an answer; null for the empty answer, which stands for a key that does not exist.</summary>
    public static StateItem? Item(ByteString data, Etag? etag, IDictionary<string, string> metadata, string error = "")
    {
        if (data.IsEmpty && etag is null && metadata.Count == 0 && error.Length == 0)
            return null;
        DateTimeOffset? end = metadata.TryGetValue(ExpireTimeMetadata, out var text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? time
                : null;
        return new StateItem(data.Memory, etag?.Value ?? "", end)
        {
            Metadata = metadata.Count > 0 ? new Dictionary<string, string>(metadata, StringComparer.Ordinal) : null,
            Error = error.Length > 0 ? error : null,
        };
    }

    private static Dictionary<string, string> NoMetadata { get; } = [];

    private static Etag? Version(string? etag) => etag is null ? null : new Etag { Value = etag };

    private static StateOptions Options(StateOperation operation) => new()
    {
        Concurrency = operation.Concurrency switch
        {
            StateConcurrency.FirstWrite => StateOptions.Types.StateConcurrency.ConcurrencyFirstWrite,
            StateConcurrency.LastWrite => StateOptions.Types.StateConcurrency.ConcurrencyLastWrite,
            _ => StateOptions.Types.StateConcurrency.ConcurrencyUnspecified,
        },
        Consistency = Consistency(operation.Consistency),
    };

    private static StateOptions.Types.StateConsistency Consistency(StateConsistency consistency) => consistency switch
    {
        StateConsistency.Eventual => StateOptions.Types.StateConsistency.ConsistencyEventual,
        StateConsistency.Strong => StateOptions.Types.StateConsistency.ConsistencyStrong,
        _ => StateOptions.Types.StateConsistency.ConsistencyUnspecified,
    };
}
