using System.Text.Json;

namespace RealTimeMesh.Administration;

/// <summary>The form of audit lines.</summary>
public static class AuditJson
{
    internal static JsonSerializerOptions Options { get; } = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>A value as lines hold it; null for null.</summary>
    public static JsonElement? Element(object? value) => value is null ? null : JsonSerializer.SerializeToElement(value, Options);
}
