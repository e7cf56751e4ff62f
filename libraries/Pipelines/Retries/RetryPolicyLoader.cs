using RealTimeMesh.Contracts;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RealTimeMesh.Pipelines;

/// <summary>Reads files of retry policies and tells all that is wrong in them.</summary>
public static class RetryPolicyLoader
{
    private static readonly string[] s_keys = ["topic", "of", "consumer", "return", "path", "tiers", "dead", "keepKeyOrder"];

    /// <summary>The policy files of a folder, by name; a file by itself; none where nothing is there.</summary>
    public static IReadOnlyList<string> Files(string path) =>
        File.Exists(path) ? [path] : Directory.Exists(path) ? [.. Directory.EnumerateFiles(path).Where(IsYaml).Order(StringComparer.Ordinal)] : [];

    public static (IReadOnlyList<RetryPolicy> Policies, IReadOnlyList<ConfigurationFault> Faults) Load(string path)
    {
        List<(RetryPolicy Policy, int Line, FaultList Faults)> read = [];
        List<FaultList> all = [];
        foreach (var file in Files(path))
        {
            var faults = new FaultList(file);
            all.Add(faults);
            if (Parse(file, faults)?.Map("a mapping with 'retries'", "retries")?.Require("retries", "a list of policies")?.Items("a list of policies") is not { } items)
                continue;
            foreach (var item in items)
            {
                if (Read(item) is { } policy)
                    read.Add((policy, item.Line, faults));
            }
        }

        foreach (var twice in read.GroupBy(item => item.Policy.Topic, StringComparer.Ordinal).Where(group => group.Count() > 1))
            twice.Last().Faults.Add(twice.Last().Line, "topic", $"'{twice.Key}' twice", "one policy for each topic", "Give each app a dead-letter topic of its own.");
        return ([.. read.Select(item => item.Policy)], [.. all.SelectMany(faults => faults.All)]);
    }

    private static bool IsYaml(string file) => Path.GetExtension(file) is ".yaml" or ".yml";

    private static YamlElement? Parse(string file, FaultList faults)
    {
        try
        {
            using var reader = new StreamReader(file);
            var yaml = new YamlStream();
            yaml.Load(reader);
            if (yaml.Documents.Count == 1)
                return new YamlElement(yaml.Documents[0].RootNode, "", faults);
            faults.Add(1, "file", $"{yaml.Documents.Count} documents", "one", "Put all policies under one 'retries'.");
        }
        catch (YamlException exception)
        {
            faults.Add((int)exception.Start.Line, "YAML", exception.Message, "well-formed YAML", "Mend the syntax at that place.");
        }
        catch (IOException exception)
        {
            faults.Add(0, "file", exception.Message, "a file that can be read", "Make it readable.");
        }

        return null;
    }

    private static RetryPolicy? Read(YamlElement element)
    {
        if (element.Map("a policy: topic, consumer, return or path, tiers, dead", s_keys) is not { } map)
            return null;
        var topic = map.Require("topic", "the subscription's deadLetterTopic")?.Text("a topic");
        var consumer = map.Require("consumer", "the app's id")?.Text("an app id");
        var back = Optional(map, "return", "a topic");
        var path = Optional(map, "path", "the app's route for the topic");
        var of = Optional(map, "of", "the topic that the app subscribes to");
        var dead = Optional(map, "dead", "a topic") ?? (of is null ? null : $"{of}.dlq");
        if (back is null == path is null)
            element.Fault(back is null ? "neither 'return' nor 'path'" : "both 'return' and 'path'", "one of them", "Name the topic that events return to, or the app's route.");
        if (dead is null && !map.Has("dead"))
            element.Fault("neither 'dead' nor 'of'", "where dead letters go", "Add 'dead', or 'of' for its name and .dlq.");
        if (back is not null && (back == topic || back == of))
            element.Fault($"'return: {back}'", "a topic of its own", "Other consumers of the topic would get the events again: name another, such as that and .retry.");
        if (topic is not null && topic == dead)
            element.Fault($"'dead: {dead}'", "another topic than 'topic'", "Dead letters would be tried again: name another.");
        var order = map.Boolean("keepKeyOrder", false);
        if (order && back is not null)
            element.Fault("'keepKeyOrder' with 'return'", "'keepKeyOrder' with 'path'", "An event that returns by a topic is out of sight: use 'path'.");
        var tiers = Tiers(map);
        if (topic is null || consumer is null || dead is null || tiers is null || element.Faults.All.Count > 0)
            return null;
        var policy = new RetryPolicy { Topic = topic, Consumer = consumer, Return = back, Path = path, Of = of, Dead = dead, KeepKeyOrder = order };
        return tiers.Count == 0 && !map.Has("tiers") ? policy : policy with { Tiers = tiers };
    }

    private static string? Optional(YamlMap map, string key, string expected) => map.TryFind(key, out var value) ? value.Text(expected) : null;

    private static List<TimeSpan>? Tiers(YamlMap map)
    {
        List<TimeSpan> tiers = [];
        if (!map.TryFind("tiers", out var list))
            return tiers;
        if (list.Items("a list of durations such as [10s, 1m, 10m]") is not { } items)
            return null;
        foreach (var item in items)
        {
            if (item.Duration() is not { } delay)
                return null;
            if (delay > TimeSpan.FromDays(7))
                item.Fault($"{delay}", "at most 7 days", "Brokers drop messages that wait too long: shorten the tier.");
            tiers.Add(delay);
        }

        if (tiers.Count is 0 or > 10)
            list.Fault($"{tiers.Count} tiers", "1 to 10", "Give a list such as [10s, 1m, 10m].");
        return tiers;
    }
}
