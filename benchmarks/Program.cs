using System.CommandLine;
using System.Globalization;
using RealTimeMesh.Benchmarks;
using RealTimeMesh.Benchmarks.Load;
using RealTimeMesh.Benchmarks.Scenarios;

var name = new Argument<string?>("NAME") { Description = "Scenario to run.", Arity = ArgumentArity.ZeroOrOne };
var list = new Option<bool>("--list") { Description = "List the scenarios." };
var json = new Option<string?>("--json", "--out") { Description = "Write the result to FILE.", HelpName = "FILE" };
var seconds = new Option<double>("--seconds") { Description = "Measured seconds of each step of the sidecar's scenarios.", HelpName = "N", DefaultValueFactory = _ => SidecarSettings.DefaultSeconds };
var minutes = new Option<double>("--minutes") { Description = "Length of sidecar-soak.", HelpName = "N", DefaultValueFactory = _ => SidecarSettings.DefaultMinutes };
var millions = new Option<double>("--millions") { Description = "Rows of the table of delta-merge, in millions.", HelpName = "N", DefaultValueFactory = _ => 6 };
var letters = new Option<double>("--letters") { Description = "Letters of dead-letters, in millions.", HelpName = "N", DefaultValueFactory = _ => 1 };
var megabytes = new Option<double>("--megabytes") { Description = "Length of the slow request of ingest-memory, in MB.", HelpName = "N", DefaultValueFactory = _ => 2_000 };
var events = new Option<double>("--events") { Description = "Events of each query of nexmark, in millions.", HelpName = "N", DefaultValueFactory = _ => 10 };
var query = new Option<string?>("--query") { Description = "The one query of nexmark to run.", HelpName = "Q" };
var root = new RootCommand("Benchmarks of RealTimeMesh. Each scenario measures its own comparison in the same run.") { name, list, json, seconds, minutes, millions, letters, megabytes, events, query };
root.SetAction(async (result, cancellationToken) =>
{
    var measured = TimeSpan.FromSeconds(result.GetValue(seconds));
    var settings = new SidecarSettings { Measured = measured, WarmUp = measured / 2, Soak = TimeSpan.FromMinutes(result.GetValue(minutes)) };
    IScenario[] scenarios =
    [
        new PipelineThroughput(),
        new SidecarStart(),
        new SidecarPublish(settings),
        new SidecarState(settings),
        new SidecarDelivery(settings),
        new SidecarSoak(settings),
        new IngestNdjson("ingest-ndjson", IngestEvents.Plain, settings),
        new IngestNdjson("ingest-expectations", IngestEvents.Checked, settings),
        new IngestNdjson("ingest-rule", IngestEvents.Ruled, settings),
        new IngestAvro(settings),
        new IngestGrpc(settings),
        new IngestSingle(settings),
        new IngestFairness(settings),
        new IngestMemory("ingest-memory", result.GetValue(megabytes), IngestMemory.AllSteps),
        .. IngestMemory.AllSteps.Select(step => new IngestMemory($"ingest-memory-{step}", result.GetValue(megabytes), [step])),
        new Capture(),
        new AvroCodecs(),
        new DeltaAppend(),
        new DeltaSnapshot(),
        new DeltaScan(),
        new DeltaMerge(result.GetValue(millions)),
        new NexmarkQueries(result.GetValue(events), result.GetValue(query)),
        new DeadLetterScale(result.GetValue(letters)),
        new RetryTiers(),
        new TopicScale(),
    ];
    if (result.GetValue(list) || result.GetValue(name) is not { } wanted)
    {
        foreach (var scenario in scenarios)
            Console.WriteLine($"{scenario.Name,-24} {scenario.Description}");
        return 0;
    }

    if (scenarios.FirstOrDefault(scenario => scenario.Name == wanted) is not { } chosen)
    {
        Console.Error.WriteLine($"scenario '{wanted}': no such scenario; expected one of {string.Join(", ", scenarios.Select(scenario => scenario.Name))}. See --list.");
        return 2;
    }

    var report = await chosen.RunAsync(cancellationToken);
    Console.WriteLine(report.Machine);
    Console.WriteLine(report.Notes);
    foreach (var (metric, value) in report.Metrics)
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{metric,-48} {value,16:N3}"));
    if (result.GetValue(json) is { } file)
        report.Write(file);
    return 0;
});
return await root.Parse(args).InvokeAsync();
