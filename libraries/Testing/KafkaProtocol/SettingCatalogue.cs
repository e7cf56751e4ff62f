using System.Globalization;

namespace RealTimeMesh.Testing.KafkaProtocol;

/// <summary>The topic settings that are known, with Kafka's defaults. They are kept and told; none changes what the broker does.</summary>
internal static class SettingCatalogue
{
    private static readonly Dictionary<string, (string Default, Func<string, bool> Fits)> Known = new(StringComparer.Ordinal)
    {
        ["cleanup.policy"] = ("delete", value => value.Split(',').All(one => one is "delete" or "compact")),
        ["compression.type"] = ("producer", value => value is "producer" or "uncompressed" or "gzip" or "snappy" or "lz4" or "zstd"),
        ["delete.retention.ms"] = ("86400000", IsCount),
        ["max.message.bytes"] = ("1048588", IsCount),
        ["message.timestamp.type"] = ("CreateTime", value => value is "CreateTime" or "LogAppendTime"),
        ["min.insync.replicas"] = ("1", value => IsCount(value) && value != "0"),
        ["retention.bytes"] = ("-1", IsNumber),
        ["retention.ms"] = ("604800000", IsNumber),
        ["segment.bytes"] = ("1073741824", IsCount),
    };

    public static IReadOnlyDictionary<string, string> Defaults { get; } = Known.ToDictionary(setting => setting.Key, setting => setting.Value.Default);

    /// <summary>What is wrong with a setting; null where nothing is.</summary>
    public static string? Check(string name, string? value)
    {
        if (!Known.TryGetValue(name, out var setting))
            return $"Unknown topic config name: {name}";
        return value is null || setting.Fits(value) ? null : $"Invalid value {value} for configuration {name}";
    }

    private static bool IsNumber(string value) => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= -1;

    private static bool IsCount(string value) => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
