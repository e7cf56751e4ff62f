using System.Text.Json;
using System.Text.Json.Serialization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Ingestion.Tenants;

/// <summary>
/// The limits file: <c>{"default":{"events_per_second":1000,"bytes_per_second":1000000,"burst_seconds":2},"tenants":{"NAME":{…}}}</c>,
/// all of it optional.
/// </summary>
internal sealed record TenantLimits
{
    // Set rather than init: generated readers give init properties that the file leaves out no default.
    public static TenantLimits None { get; } = new();

    /// <summary>Limits of every tenant that is not named, each by itself.</summary>
    public RateLimit Default { get; set; } = RateLimit.None;

    public IReadOnlyDictionary<string, RateLimit> Tenants { get; set; } = new Dictionary<string, RateLimit>();

    /// <summary>Throws <see cref="RealTimeMeshException"/> saying what is wrong with the file.</summary>
    public static TenantLimits Parse(ReadOnlySpan<byte> json, string file)
    {
        TenantLimits? limits;
        try
        {
            limits = JsonSerializer.Deserialize(json, TenantLimitsJson.Default.TenantLimits);
        }
        catch (JsonException e)
        {
            throw new RealTimeMeshException($"limits file '{file}': {e.Message} Expected {{\"default\":{{\"events_per_second\":N,\"bytes_per_second\":N,\"burst_seconds\":N}},\"tenants\":{{\"NAME\":{{…}}}}}}.", e);
        }

        if (limits is null)
            throw new RealTimeMeshException($"limits file '{file}': found null; expected an object.");
        foreach (var (name, limit) in limits.Tenants.Append(new("default", limits.Default)))
        {
            if (limit is null || !Positive(limit.EventsPerSecond) || !Positive(limit.BytesPerSecond) || !Positive(limit.BurstSeconds))
                throw new RealTimeMeshException($"limits file '{file}': '{name}': found {(limit is null ? "null" : limit)}; expected numbers above 0. Leave out what has no limit.");
        }

        return limits;
    }

    private static bool Positive(double? number) => number is null or (> 0 and < double.PositiveInfinity);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(TenantLimits))]
internal sealed partial class TenantLimitsJson : JsonSerializerContext;
