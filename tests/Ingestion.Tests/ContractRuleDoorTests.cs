using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Contracts;
using RealTimeMesh.Ingestion.Grpc.V1;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Pipelines;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Ingestion.Tests;

/// <summary>Rules of a contract where events come in.</summary>
public sealed class ContractRuleDoorTests
{
    private const string Letters = "test.visits.dlq";

    private static ContractRule Rule(string name, string expression, string? onFailure = null, string kind = "CONDITION", string type = "CEL", string mode = "WRITE") =>
        new() { Name = name, Expression = expression, OnFailure = onFailure, Kind = kind, Type = type, Mode = mode };

    private static StreamDefinition Stream(params ContractRule[] rules) => Samples.Stream() with { Metadata = new ContractMetadata { Rules = rules } };

    private static string Visit(string place, int seconds) => $$"""{"place":"{{place}}","seconds":{{seconds}},"at":"2026-01-01T00:00:00Z"}""";

    private static IEnumerable<string> Rows(TestIngestion app) => MemoryLog.Rows(app.Log.Read(Samples.Topic), Samples.Contract).Select(row => row[..row.IndexOf('|', row.IndexOf('|') + 1)]);

    [Theory]
    [InlineData("ERROR")]
    [InlineData("DLQ")]
    [InlineData(null)]
    public async Task An_event_that_breaks_a_rule_is_a_dead_letter_that_names_the_rule_and_its_expression(string? onFailure)
    {
        await using var app = await TestIngestion.StartAsync(Stream(Rule("short", "message.seconds < 100", onFailure)));
        var response = await app.PostAsync($"{Visit("A", 99)}\n{Visit("B", 100)}\n{Visit("C", 5)}", "application/x-ndjson");
        Assert.Equal(HttpStatusCode.MultiStatus, response.StatusCode);
        var result = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("results")[0];
        var reason = result.GetProperty("reason");
        Assert.Equal(
            (1, "constraint", "short", "seconds", "false, with seconds 100", "message.seconds < 100"),
            (result.GetProperty("index").GetInt32(), reason.GetProperty("class").GetString(), reason.GetProperty("rule").GetString(), reason.GetProperty("field").GetString(), reason.GetProperty("found").GetString(), reason.GetProperty("expected").GetString()));
        var letter = Assert.Single(app.Log.Read(Letters));
        Assert.Equal(("short", "constraint"), (letter.Rule, letter.Json.GetProperty("reason").GetProperty("class").GetString()));
        Assert.Equal(["A|99", "C|5"], Rows(app));
    }

    [Fact]
    public async Task A_rule_that_lets_go_on_rejects_nothing_and_neither_do_rules_for_reading_or_disabled_ones()
    {
        await using var app = await TestIngestion.StartAsync(Stream(
            Rule("hint", "message.seconds < 0", "NONE"), Rule("later", "message.seconds < 0", mode: "READ"), Rule("off", "message.seconds < 0") with { IsDisabled = true }, Rule("both", "message.seconds > 0", mode: "WRITEREAD")));
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync(Visit("A", 1))).StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await app.PostAsync(Visit("A", 0))).StatusCode);
        Assert.Equal("both", Assert.Single(app.Log.Read(Letters)).Rule);
    }

    [Theory]
    [InlineData("message.place.startsWith('A') ; message.seconds > 5", "A|3", "B|3")]
    [InlineData("has(message.score) && message.score == null", null, "A|3")]
    [InlineData("'place' in message && message['seconds'] == 3", "A|4", "A|3")]
    [InlineData("[1, 2, 3].exists(n, n == message.seconds)", "A|4", "A|3")]
    [InlineData("message.at == 1767225600000000", null, "A|3")]
    [InlineData("message.nosuch == 1", "A|3", null)]
    [InlineData("message.seconds / (message.seconds - 3) == 4", "A|3", "A|4")]
    public async Task Conditions_see_the_whole_event(string expression, string? refused, string? taken)
    {
        await using var app = await TestIngestion.StartAsync(Stream(Rule("r", expression)));
        foreach (var (row, status) in new[] { (refused, HttpStatusCode.UnprocessableEntity), (taken, HttpStatusCode.Accepted) })
        {
            if (row?.Split('|') is [var place, var seconds])
            {
                var response = await app.PostAsync(Visit(place, int.Parse(seconds)));
                Assert.True(response.StatusCode == status, await response.Content.ReadAsStringAsync());
            }
        }
    }

    [Fact]
    public async Task A_transformation_changes_the_row_its_key_and_what_expectations_see()
    {
        const string expectations = """{"expectation_suite_name":"s","expectations":[{"expectation_type":"expect_column_values_to_be_between","kwargs":{"column":"seconds","max_value":100}}]}""";
        await using var app = await TestIngestion.StartAsync(Stream(
            Rule("upper", "name == 'place' ; 'X' + value", kind: "TRANSFORM", type: "CEL_FIELD"), Rule("double", "{'seconds': message.seconds * 2}", kind: "TRANSFORM"), Rule("known", "message.place.startsWith('X')")) with { Expectations = expectations });
        var response = await app.PostAsync($"[{Visit("A", 1)},{Visit("B", 60)},{Visit("C", 7)}]");
        Assert.True(response.StatusCode == HttpStatusCode.MultiStatus, await response.Content.ReadAsStringAsync());
        Assert.Equal(["XA|2", "XC|14"], Rows(app));
        Assert.Equal(["XA", "XC"], app.Log.Read(Samples.Topic).Select(item => item.Key));
        Assert.Equal("expect_column_values_to_be_between", Assert.Single(app.Log.Read(Letters)).Rule);
    }

    [Fact]
    public async Task Rules_hold_over_gRPC_and_for_files_too()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, $"{Visit("F", 1)}\n{Visit("F", 500)}\n");
            await using var app = await TestIngestion.StartAsync(Stream(Rule("short", "message.seconds < 100")) with { Sources = [new SourceDefinition { Name = "file", File = file, Format = "ndjson" }] });
            Assert.True((await app.SettledSourceAsync()).GetProperty("done").GetBoolean());
            using var channel = GrpcChannel.ForAddress(app.App.Urls.First());
            var reply = await new Grpc.V1.Ingestion.IngestionClient(channel).PublishBatchAsync(new PublishBatchRequest
            {
                Stream = Samples.Topic,
                Events = { new Event { Payload = ByteString.CopyFromUtf8(Visit("G", 2)) }, new Event { Payload = ByteString.CopyFromUtf8(Visit("G", 501)) } },
            });
            Assert.Equal((1, "short"), (reply.Accepted, Assert.Single(reply.Rejections).Rule));
            Assert.Equal(["F|1", "G|2"], Rows(app));
            Assert.Equal(["short", "short"], app.Log.Read(Letters).Select(letter => letter.Rule));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Rules_are_those_of_the_registered_version()
    {
        var registry = new FakeRegistry().Add(7, "test.visits-value", Samples.Contract.Json, rules: """{"domainRules":[{"name":"theirs","kind":"CONDITION","mode":"WRITE","type":"CEL","expr":"message.seconds > 10"}]}""");
        await using var app = await TestIngestion.StartAsync(Stream(Rule("ours", "message.seconds < 10")), configure: services => services.AddSingleton(_ => registry.Client()));
        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync(Visit("A", 11))).StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await app.PostAsync(Visit("A", 9))).StatusCode);
        Assert.Equal("theirs", Assert.Single(app.Log.Read(Letters)).Rule);
    }

    [Fact]
    public async Task Dead_letters_of_the_door_are_counted_by_class_and_rule()
    {
        await using var app = await TestIngestion.StartAsync(Stream(Rule("short", "message.seconds < 100")));
        var counted = new Dictionary<string, long>();
        using var listener = new MeterListener();
        var mine = app.App.Services.GetRequiredService<DeadLetterMetrics>();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "mesh.dead_letters" && mine.Owns(instrument))
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            lock (counted)
            {
                var name = string.Join(' ', tags.ToArray().Select(tag => tag.Value));
                counted[name] = counted.GetValueOrDefault(name) + value;
            }
        });
        listener.Start();
        await app.PostAsync($"[{Visit("A", 1)},{Visit("A", 100)},{Visit("A", 101)},3,{Visit("A", 102)}]");
        lock (counted)
            Assert.Equal([("ingestion test.visits constraint short", 3), ("ingestion test.visits poison json", 1)], counted.OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => (item.Key, (int)item.Value)));
    }

    [Fact]
    public async Task A_rule_that_cannot_be_applied_keeps_the_stream_closed_and_says_why()
    {
        await using var app = await TestIngestion.StartAsync(Stream(Rule("secret", "x", type: "ENCRYPT")), ready: false);
        var startup = app.App.Services.GetRequiredService<StreamCatalog>().Streams[0];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (startup.Problem?.Contains("ENCRYPT", StringComparison.Ordinal) != true)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
        var refused = await app.PostAsync(Visit("A", 1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Contains("rule 'secret'", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
