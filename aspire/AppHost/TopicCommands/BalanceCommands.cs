using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.AppHost.TopicCommands;

/// <summary>Hot partitions, rebalancing and sizes.</summary>
internal static class BalanceCommands
{
    public static IEnumerable<Command> All(TopicsCommand topics)
    {
        yield return Hot(topics);
        yield return Plan(topics);
        yield return Plans(topics);
        yield return Act(topics, "approve", "Approves a rebalancing plan.");
        yield return Act(topics, "execute", "Executes an approved plan and tells loads before and after.");
        yield return Size(topics);
    }

    private static Command Hot(TopicsCommand topics)
    {
        var (topic, window, json) = (ManageCommands.Topic(), new Option<double>("--window") { Description = "Seconds, ending now. Default: 300.", HelpName = "SECONDS", DefaultValueFactory = _ => 300 }, ManageCommands.AsJson());
        return topics.Command("hot", "Measures each partition's rate and its most frequent keys; tells which are hot and why.", [topic, window, json], async (connection, result, cancellationToken) =>
        {
            var heat = await connection.GetAsync($"/v1/topics/{ManageCommands.Escape(result.GetValue(topic)!)}/heat?window={result.GetValue(window).ToString(CultureInfo.InvariantCulture)}", cancellationToken);
            ManageCommands.Print(result.GetValue(json), result.GetValue(json) ? heat : heat.GetProperty("partitions"), "partition", "rate", "bytesRate", "share", "hot", "finding");
            if (!result.GetValue(json))
                System.Console.Out.WriteLine(JsonTable.Text(heat.GetProperty("rule")));
        });
    }

    private static Command Plan(TopicsCommand topics)
    {
        var (names, group) = (new Option<string[]>("--topic") { Description = "Only this topic; repeat it for several.", HelpName = "TOPIC" }, new Option<string?>("--group") { Description = "Balance this group's members. Default: the brokers.", HelpName = "GROUP" });
        var (by, tolerance) = (new Option<string>("--by") { Description = "rate, records, bytes or count. Default: rate.", DefaultValueFactory = _ => "rate" }, new Option<double>("--tolerance") { Description = "How far above the mean. Default: 0.1.", DefaultValueFactory = _ => 0.1 });
        return topics.Command("rebalance", "Plans moves of partitions, as few as possible, each with its reason. Changes nothing; see approve and execute.", [names, group, by, tolerance], async (connection, result, cancellationToken) =>
        {
            var plan = await connection.PostAsync("/v1/rebalancings", new { topics = result.GetValue(names) ?? [], group = result.GetValue(group), by = result.GetValue(by), tolerance = result.GetValue(tolerance) }, cancellationToken);
            JsonTable.Rows(plan.GetProperty("moves").EnumerateArray(), "topic", "partition", "from", "to", "weight", "copies", "why");
            JsonTable.Rows(plan.GetProperty("owners").EnumerateArray(), "owner", "before", "after", "partitionsBefore", "partitionsAfter");
            System.Console.Out.WriteLine(JsonTable.Text(plan.GetProperty("explanation")));
            if (plan.GetProperty("reassignment").ValueKind == JsonValueKind.Object)
            {
                JsonTable.Json(plan.GetProperty("reassignment"));
                System.Console.Out.WriteLine(JsonTable.Text(plan.GetProperty("howToExecute")));
            }

            System.Console.Out.WriteLine($"plan {JsonTable.Text(plan.GetProperty("id"))}");
        });
    }

    private static Command Plans(TopicsCommand topics)
    {
        var (limit, before, json) = (new Option<int>("--limit") { Description = "Most plans. Default: 50.", HelpName = "N", DefaultValueFactory = _ => 50 }, new Option<string?>("--before") { Description = "Only plans made before this one.", HelpName = "PLAN" }, ManageCommands.AsJson());
        return topics.Command("rebalancings", "Lists rebalancing plans, newest first.", [limit, before, json], async (connection, result, cancellationToken) =>
        {
            var after = result.GetValue(before) is { } plan ? $"&before={ManageCommands.Escape(plan)}" : "";
            ManageCommands.Print(result.GetValue(json), await connection.GetAsync($"/v1/rebalancings?limit={result.GetValue(limit)}{after}", cancellationToken), "id", "state", "made", "approvedBy", "explanation");
        });
    }

    private static Command Act(TopicsCommand topics, string action, string description)
    {
        var id = new Argument<string>("PLAN") { Description = "The plan's id." };
        return topics.Command($"rebalance-{action}", description, [id], async (connection, result, cancellationToken) =>
        {
            var plan = await connection.PostAsync($"/v1/rebalancings/{ManageCommands.Escape(result.GetValue(id)!)}/{action}", null, cancellationToken);
            System.Console.Out.WriteLine(JsonTable.Text(plan.GetProperty("state")));
            if (plan.GetProperty("measured").ValueKind == JsonValueKind.Array)
                JsonTable.Rows(plan.GetProperty("measured").EnumerateArray(), "owner", "before", "after", "partitionsBefore", "partitionsAfter");
        });
    }

    private static Command Size(TopicsCommand topics)
    {
        var figures = new Argument<string[]>("FIGURE=N") { Description = "The load and what differs from the defaults: eventsPerSecond and eventBytes, then peakFactor, growthPerYear, years, retentionDays, replication, consumers, coresPerBroker, diskGb, disksPerBroker, networkGbit, utilisation, diskFill, spareBrokers, partitionMb, brokerPrice, diskGbPrice, egressGbPrice.", Arity = ArgumentArity.OneOrMore };
        var whatIf = new Option<string[]>("--what-if") { Description = "The same with other figures beside it: FIGURE=N[,FIGURE=N]; repeat it for several.", HelpName = "FIGURES" };
        var json = ManageCommands.AsJson();
        return topics.Command("size", "Sizes a cluster from measured rates of a core, each figure with its formula.", [figures, whatIf, json], async (connection, result, cancellationToken) =>
        {
            var answers = await connection.PostAsync(
                "/v1/sizing",
                new { @base = Figures(result.GetValue(figures)!), whatIf = (result.GetValue(whatIf) ?? []).ToDictionary(text => text, text => Figures(text.Split(','))) },
                cancellationToken);
            if (result.GetValue(json))
            {
                JsonTable.Json(answers);
                return;
            }

            JsonTable.Rows(answers.EnumerateArray(), "name", "peakEventsPerSecond", "brokers", "partitions", "storageGb", "disks", "networkInMb", "networkOutMb", "brokerCores", "consumerCores", "costPerMonth");
            JsonTable.Rows(answers[0].GetProperty("steps").EnumerateArray(), "figure", "formula", "value", "unit");
        });
    }

    private static Dictionary<string, double> Figures(IEnumerable<string> texts) => texts.Select(text => text.Split('=') is [var name, var number] && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
        ? (Name: name, Value: value)
        : throw new RealTimeMeshException($"figures: found '{text}'; expected FIGURE=N, such as eventsPerSecond=10000.")).ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
}
