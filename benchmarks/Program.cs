using System.CommandLine;
using RealTimeMesh.Benchmarks;
using RealTimeMesh.Benchmarks.Scenarios;

IScenario[] scenarios = [new PipelineThroughput(), new SidecarStart()];

var name = new Argument<string?>("NAME") { Description = "Scenario to run.", Arity = ArgumentArity.ZeroOrOne };
var list = new Option<bool>("--list") { Description = "List the scenarios." };
var json = new Option<string?>("--json") { Description = "Write the result to FILE.", HelpName = "FILE" };
var root = new RootCommand("Benchmarks of RealTimeMesh. Each scenario measures its own comparison in the same run.") { name, list, json };
root.SetAction(async (result, cancellationToken) =>
{
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
    foreach (var (metric, value) in report.Metrics)
        Console.WriteLine($"{metric,-32} {value:N2}");
    if (result.GetValue(json) is { } file)
        report.Write(file);
    return 0;
});
return await root.Parse(args).InvokeAsync();
