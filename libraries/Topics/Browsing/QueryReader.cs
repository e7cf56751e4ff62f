using System.Globalization;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.Topics.Browsing;

/// <summary>Reads a query from an address. An unknown name is refused: a misspelt bound must not read everything.</summary>
internal static class QueryReader
{
    private static readonly string[] Known = ["partition", "from", "to", "since", "until", "last", "contains", "where", "decode", "limit", "scan", "seconds", "cut", "follow"];

    public static MessageQuery Read(string topic, IQueryCollection values)
    {
        foreach (var name in values.Keys.Where(name => !Known.Contains(name)))
            throw Refuse.Invalid(name, "an unknown parameter", string.Join(", ", Known), "correct its name");
        var defaults = new MessageQuery();
        return new MessageQuery
        {
            Topic = topic,
            Partitions = [.. values["partition"].SelectMany(text => (text ?? "").Split(',')).Select(text => (int)Number("partition", text))],
            FromOffset = Find(values, "from"),
            ToOffset = Find(values, "to"),
            FromTime = Time(values, "since"),
            ToTime = Time(values, "until"),
            Last = Find(values, "last"),
            Follow = values["follow"].FirstOrDefault() is { } follow && (bool.TryParse(follow, out var goesOn) ? goesOn : throw Refuse.Invalid("follow", $"'{follow}'", "true or false")),
            Contains = values["contains"].FirstOrDefault(),
            Where = [.. values["where"].OfType<string>()],
            Decode = values["decode"].FirstOrDefault() ?? defaults.Decode,
            Limit = (int)Math.Min(int.MaxValue, Find(values, "limit") ?? defaults.Limit),
            MaxScanned = Find(values, "scan") ?? defaults.MaxScanned,
            MaxTime = Find(values, "seconds") is { } seconds ? TimeSpan.FromSeconds(Math.Min(seconds, 86_400)) : defaults.MaxTime,
            MaxValueBytes = (int)Math.Min(int.MaxValue, Find(values, "cut") ?? defaults.MaxValueBytes),
        };
    }

    private static long? Find(IQueryCollection values, string name) => values[name].FirstOrDefault() is { } text ? Number(name, text) : null;

    private static long Number(string name, string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Refuse.Invalid(name, $"'{text}'", "a whole number from 0 on");

    private static DateTimeOffset? Time(IQueryCollection values, string name) => values[name].FirstOrDefault() is not { } text
        ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw Refuse.Invalid(name, $"'{text}'", "a time in ISO 8601, such as 2026-11-23T10:00:00Z");
}
