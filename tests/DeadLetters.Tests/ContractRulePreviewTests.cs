using System.Text.Json;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;
using RealTimeMesh.Testing;

namespace RealTimeMesh.DeadLetters.Tests;

/// <summary>What previews say of letters whose stream has rules in its contract.</summary>
public sealed class ContractRulePreviewTests
{
    private static ContractRule Rule(string name, string expression, string kind = "CONDITION") => new() { Name = name, Kind = kind, Type = "CEL", Mode = "WRITE", Expression = expression };

    private static IReadOnlyList<PipelineDefinition> Market(params ContractRule[] rules) =>
        [.. PipelineLoader.Load(Path.Combine(Repository.Root, "pipelines"), ["market"]).Pipelines.Select(pipeline => pipeline with
        {
            Streams = [.. pipeline.Streams.Select(stream => stream.Name == "trades" ? stream with { Metadata = stream.Metadata with { Rules = rules } } : stream)],
        })];

    private static (long Passing, long Failing, long Unknown) Counts(JsonElement preview) =>
        (preview.GetProperty("passing").GetInt64(), preview.GetProperty("failing").GetInt64(), preview.GetProperty("unknown").GetInt64());

    [Fact]
    public async Task Previews_of_edits_and_redrives_and_the_letter_itself_name_the_rule_that_would_refuse_it()
    {
        await using var mesh = await LettersMesh.StartAsync(pipelines: Market(Rule("cheap", "message.price < 100.0")));
        await mesh.FailAsync(Enumerable.Range(0, 10).Select(n => Records.Record(LettersMesh.Trade(n, n < 4 ? "500.0" : "12.5"))));
        var redrive = await mesh.PostAsync("/v1/redrives/preview", new { filter = new { } });
        Assert.Equal((6, 4, 0), Counts(redrive));
        Assert.Equal(4, redrive.GetProperty("faults").GetProperty("cheap of 'price'").GetInt64());

        var edit = await mesh.PostAsync("/v1/edits/preview", new { filter = new { }, expression = "set price = 99.0 where price > 400.0" });
        Assert.Equal((4, 0, 0), Counts(edit));
        var dearer = await mesh.PostAsync("/v1/edits/preview", new { filter = new { }, expression = "set price = 100.0" });
        Assert.Equal((0, 10, 0), Counts(dearer));

        var id = (await mesh.GetAsync("/v1/letters?sort=oldest&limit=10")).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()).ToArray();
        var verdicts = new List<string?>();
        foreach (var one in id)
        {
            var verdict = Verdict(await mesh.GetAsync($"/v1/letters/{one}"));
            verdicts.Add(verdict.GetProperty("passes").GetBoolean() ? "passes" : $"{verdict.GetProperty("rule").GetString()}: {verdict.GetProperty("expected").GetString()}");
        }

        Assert.Equal((6, 4), (verdicts.Count(verdict => verdict == "passes"), verdicts.Count(verdict => verdict == "cheap: message.price < 100.0")));
    }

    [Fact]
    public async Task A_rule_that_changes_the_message_has_its_say_before_the_expectations()
    {
        // The market's expectations want prices above 0.
        var lift = "{'trade_id': message.trade_id, 'symbol': message.symbol, 'price': 1.0, 'quantity': message.quantity, 'side': message.side, 'account': message.account, 'executed_at': message.executed_at}";
        var record = Records.Record(LettersMesh.Trade(1, "-5.0"));
        await using (var plain = await LettersMesh.StartAsync(pipelines: Market()))
        {
            await plain.FailAsync([record]);
            Assert.Equal((0, 1, 0), Counts(await plain.PostAsync("/v1/redrives/preview", new { filter = new { } })));
        }

        await using var mesh = await LettersMesh.StartAsync(pipelines: Market(Rule("lift", lift, "TRANSFORM")));
        await mesh.FailAsync([record]);
        var preview = await mesh.PostAsync("/v1/redrives/preview", new { filter = new { } });
        Assert.Equal((1, 0, 0), Counts(preview));
        Assert.Contains("change it first", preview.GetProperty("samples")[0].GetProperty("verdict").GetProperty("note").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_registry_is_out_a_message_that_would_pass_all_else_is_unknown()
    {
        await using var mesh = await LettersMesh.StartAsync(pipelines: Market(Rule("cheap", "message.price < 100.0")), registry: new Uri($"http://127.0.0.1:{FreePorts.Next()}"));
        await mesh.FailAsync([Records.Record(LettersMesh.Trade(1, "12.5")), Records.Record(LettersMesh.Trade(2))]);
        Assert.Equal((0, 1, 1), Counts(await mesh.PostAsync("/v1/redrives/preview", new { filter = new { } })));
    }

    private static JsonElement Verdict(JsonElement letter) =>
        letter.EnumerateObject().Select(property => property.Value).First(value => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("passes", out _));
}
