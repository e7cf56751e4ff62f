using System.Globalization;
using System.Text.Json;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.Topics.Sizing;

/// <summary>Sizes a cluster for a load; each figure is written down with the formula it came by.</summary>
internal static class ClusterSizer
{
    private const double SecondsPerDay = 86_400;
    private const double DaysPerMonth = 30;

    /// <summary>The base, and each what-if: the base with some figures replaced.</summary>
    public static IReadOnlyList<SizingResult> Answer(SizingQuestion question)
    {
        var results = new List<SizingResult> { Size("base", question.Base) };
        foreach (var (name, changes) in question.WhatIf ?? new Dictionary<string, JsonElement>())
            results.Add(Size(name, Changed(question.Base, name, changes)));
        return results;
    }

    public static SizingResult Size(string name, SizingRequest request)
    {
        Check(request);
        var steps = new List<SizingStep>();
        var rates = ShippedRates.Value.Rates.ToDictionary(rate => rate.Name, rate => request.Rates?.GetValueOrDefault(rate.Name, rate.RecordsPerSecondPerCore) ?? rate.RecordsPerSecondPerCore, StringComparer.Ordinal);
        var growth = Math.Pow(1 + request.GrowthPerYear, request.Years);
        var mean = Step("mean events", $"{request.EventsPerSecond:0.##}/s × (1 + {request.GrowthPerYear:0.##})^{request.Years:0.##}", request.EventsPerSecond * growth, "events/s");
        var peak = Step("peak events", $"{mean:0.##}/s × peak factor {request.PeakFactor:0.##}", mean * request.PeakFactor, "events/s");
        var ingress = Step("written at peak", $"{peak:0.##}/s × {request.EventBytes:0.##} B", peak * request.EventBytes / 1e6, "MB/s");
        var networkIn = Step("network in", $"{ingress:0.###} MB/s × {request.Replication} (producers once, followers {request.Replication - 1} times)", ingress * request.Replication, "MB/s");
        var networkOut = Step("network out", $"{ingress:0.###} MB/s × ({request.Consumers} groups + {request.Replication - 1} followers)", ingress * (request.Consumers + request.Replication - 1), "MB/s");
        var storage = Step("storage", $"{mean:0.##}/s × {request.EventBytes:0.##} B × 86400 s × {request.RetentionDays:0.##} days × {request.Replication} copies", mean * request.EventBytes * SecondsPerDay * request.RetentionDays * request.Replication / 1e9, "GB");
        var cores = Step(
            "broker cores",
            $"({peak:0.##}/{rates["append"]:0} + {peak:0.##} × {request.Replication - 1}/{rates["replicate"]:0} + {peak:0.##} × {request.Consumers}/{rates["deliver"]:0}) / {request.Utilisation:0.##}",
            ((peak / rates["append"]) + (peak * (request.Replication - 1) / rates["replicate"]) + (peak * request.Consumers / rates["deliver"])) / request.Utilisation,
            "cores");
        var consumerCores = Step("consumer cores", $"{peak:0.##}/s × {request.Consumers} groups / {rates["process"]:0}/s of a core / {request.Utilisation:0.##}", peak * request.Consumers / rates["process"] / request.Utilisation, "cores");
        var disks = Up(Step("disks", $"{storage:0.##} GB / ({request.DiskGb:0.##} GB × {request.DiskFill:0.##} full)", storage / (request.DiskGb * request.DiskFill), "disks"));
        var usable = request.NetworkGbit * 125 * request.Utilisation;
        SizingLimit[] limits =
        [
            new("cores", Up(Step("brokers by cores", $"{cores:0.###} cores / {request.CoresPerBroker}", cores / request.CoresPerBroker, "brokers"))),
            new("disk", Up(Step("brokers by disk", $"{disks} disks / {request.DisksPerBroker}", (double)disks / request.DisksPerBroker, "brokers"))),
            new("network", Up(Step("brokers by network", $"max({networkIn:0.###}, {networkOut:0.###}) MB/s / ({request.NetworkGbit:0.##} Gbit/s × 125 MB × {request.Utilisation:0.##})", Math.Max(networkIn, networkOut) / usable, "brokers"))),
            new("replication", request.Replication),
        ];
        var needed = limits.Max(limit => limit.Brokers);
        var brokers = Up(Step("brokers", $"max({string.Join(", ", limits.Select(limit => $"{limit.By} {limit.Brokers}"))}) + {request.SpareBrokers} spare", (double)needed + request.SpareBrokers, "brokers"));
        var byRate = Up(ingress / request.PartitionMb);
        var byConsumers = Up(consumerCores / Math.Max(1, request.Consumers));
        var partitions = Up(Step("partitions", $"max({ingress:0.###} MB/s / {request.PartitionMb:0.##} MB/s = {byRate}, one for each of a group's {byConsumers} cores), up to a multiple of {brokers} brokers", Up((double)Math.Max(byRate, byConsumers) / brokers) * (double)brokers, "partitions"));
        disks = Math.Max(disks, brokers);
        return new SizingResult(name, peak, brokers, [.. limits.OrderByDescending(limit => limit.Brokers)], partitions, storage, disks, networkIn, networkOut, cores, consumerCores, Cost(), steps);

        double Step(string figure, FormattableString formula, double value, string unit)
        {
            steps.Add(new SizingStep(figure, formula.ToString(CultureInfo.InvariantCulture), value, unit));
            return value;
        }

        double? Cost()
        {
            if (request.BrokerPrice is null && request.DiskGbPrice is null && request.EgressGbPrice is null)
                return null;
            var egress = mean * request.EventBytes * request.Consumers * SecondsPerDay * DaysPerMonth / 1e9;
            return Step(
                "cost",
                $"{brokers} brokers × {request.BrokerPrice ?? 0:0.####} + {disks} disks × {request.DiskGb:0.##} GB × {request.DiskGbPrice ?? 0:0.####} + {egress:0.##} GB read × {request.EgressGbPrice ?? 0:0.####}",
                (brokers * (request.BrokerPrice ?? 0)) + (disks * request.DiskGb * (request.DiskGbPrice ?? 0)) + (egress * (request.EgressGbPrice ?? 0)),
                "a month, in the unit of the prices");
        }
    }

    private static SizingRequest Changed(SizingRequest request, string name, JsonElement changes)
    {
        if (changes.ValueKind != JsonValueKind.Object)
            throw Refuse.Invalid($"whatIf '{name}'", changes.GetRawText(), "an object of the figures that differ");
        var merged = JsonSerializer.SerializeToNode(request, JsonSerializerOptions.Web)!.AsObject();
        foreach (var change in changes.EnumerateObject())
        {
            if (!merged.ContainsKey(change.Name))
                throw Refuse.Invalid($"whatIf '{name}'", $"'{change.Name}'", string.Join(", ", merged.Select(pair => pair.Key)), "correct the name");
            merged[change.Name] = System.Text.Json.Nodes.JsonNode.Parse(change.Value.GetRawText());
        }

        try
        {
            return merged.Deserialize<SizingRequest>(JsonSerializerOptions.Web)!;
        }
        catch (JsonException e)
        {
            throw Refuse.Invalid($"whatIf '{name}'", e.Message, "numbers");
        }
    }

    private static void Check(SizingRequest request)
    {
        Above("eventsPerSecond", request.EventsPerSecond);
        Above("eventBytes", request.EventBytes);
        Above("peakFactor", request.PeakFactor);
        Above("retentionDays", request.RetentionDays);
        Above("replication", request.Replication);
        Above("coresPerBroker", request.CoresPerBroker);
        Above("diskGb", request.DiskGb);
        Above("disksPerBroker", request.DisksPerBroker);
        Above("networkGbit", request.NetworkGbit);
        Above("partitionMb", request.PartitionMb);
        Part("utilisation", request.Utilisation);
        Part("diskFill", request.DiskFill);
        if (request.GrowthPerYear <= -1 || request.Years < 0 || request.Consumers < 0 || request.SpareBrokers < 0)
            throw Refuse.Invalid("growthPerYear, years, consumers, spareBrokers", "a figure below what is possible", "growth above -1, the others from 0 on");
        foreach (var (name, price) in ((string, double?)[])[("brokerPrice", request.BrokerPrice), ("diskGbPrice", request.DiskGbPrice), ("egressGbPrice", request.EgressGbPrice)])
        {
            if (price is not (null or (>= 0 and < 1e15)))
                throw Refuse.Invalid(name, price.Value.ToString(CultureInfo.InvariantCulture), "a price from 0 on");
        }

        foreach (var (name, rate) in request.Rates ?? new Dictionary<string, double>())
        {
            if (ShippedRates.Value.Rates.All(known => known.Name != name))
                throw Refuse.Invalid("rates", $"'{name}'", string.Join(", ", ShippedRates.Value.Rates.Select(known => known.Name)));
            Above($"rates.{name}", rate);
        }
    }

    private static void Above(string name, double value)
    {
        if (value is not (> 0 and < 1e15))
            throw Refuse.Invalid(name, value.ToString(CultureInfo.InvariantCulture), "a number above 0");
    }

    private static void Part(string name, double value)
    {
        if (value is not (> 0 and <= 1))
            throw Refuse.Invalid(name, value.ToString(CultureInfo.InvariantCulture), "above 0 and at most 1");
    }

    private static int Up(double value) => value < int.MaxValue ? Math.Max(1, (int)Math.Ceiling(value - 1e-9)) : throw Refuse.Invalid("sizes", $"{value:0.#}", "a cluster of fewer than 2^31 parts");
}
