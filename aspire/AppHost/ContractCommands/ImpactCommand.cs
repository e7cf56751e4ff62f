using System.CommandLine;
using RealTimeMesh.AppHost.Lake;
using RealTimeMesh.Contracts;
using RealTimeMesh.DuckDb;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.AppHost.ContractCommands;

/// <summary><c>contracts impact</c>: what depends on a contract, and what a change of it breaks.</summary>
internal sealed class ImpactCommand
{
    private readonly Argument<string> _contract = new("CONTRACT") { Description = "A stream's topic, such as flights.departures, or the path of its contract." };
    private readonly Option<string?> _change = new("--change") { Description = "The contract as it would be. Without it: all that depends on the contract, and the fields each part needs.", HelpName = "FILE" };
    private readonly Option<string?> _pipelines = new("--pipelines") { Description = "Folder of pipelines. Default: pipelines/ in this folder or one above it.", HelpName = "PATH" };
    private readonly Option<ContractFormat> _format = ContractArguments.Format();

    public Command Build()
    {
        var command = new Command("impact", "Shows which streams, views, tables and loads depend on a contract, or would break by a change of it.") { _contract, _change, _pipelines, _format };
        command.SetAction((result, cancellationToken) => ContractRun.RunAsync(
            async () =>
            {
                var folder = ContractFolder.Read(result.GetValue(_pipelines));
                var (pipeline, stream) = Find(folder, result.GetValue(_contract)!);
                using var engine = new DuckDbQueryColumns();
                var analysis = new ImpactAnalysis(folder.Path, pipeline, stream, engine);
                return result.GetValue(_change) is { } change
                    ? await ChangeAsync(analysis, stream, change, result.GetValue(_format), cancellationToken)
                    : await DependentsAsync(analysis, result.GetValue(_format), cancellationToken);
            },
            cancellationToken));
        return command;
    }

    private static async Task<int> ChangeAsync(ImpactAnalysis analysis, StreamDefinition stream, string file, ContractFormat format, CancellationToken cancellationToken)
    {
        var schema = await File.ReadAllTextAsync(file, cancellationToken);
        var impacts = await analysis.OfChangeAsync(schema, cancellationToken);
        var reasons = analysis.Unreadable(schema);
        var breaks = impacts.Count(impact => impact.Effect == ImpactEffect.Breaks) + (reasons.Count > 0 ? 1 : 0);
        if (format == ContractFormat.Ndjson)
        {
            Output.Line(new { kind = "history", name = stream.Topic, effect = reasons.Count > 0 ? "breaks" : "none", reason = string.Join("; ", reasons), via = Array.Empty<string>() });
            foreach (var impact in impacts)
                Output.Line(new { kind = impact.Kind, name = impact.Name, effect = Word(impact.Effect), reason = impact.Reason, via = impact.Via });
        }
        else
        {
            System.Console.Out.WriteLine($"{(reasons.Count > 0 ? "BREAKS " : "-      ")}  history {stream.Topic}{(reasons.Count > 0 ? $": events written before cannot be read: {string.Join("; ", reasons)}" : "")}");
            foreach (var impact in impacts)
                System.Console.Out.WriteLine($"{Mark(impact.Effect)}  {impact.Kind} {impact.Name}{(impact.Reason.Length > 0 ? $": {impact.Reason}" : "")}{Via(impact.Via)}");

            System.Console.Out.WriteLine(breaks == 0 ? "Nothing breaks." : $"{breaks} parts break.");
        }

        return breaks == 0 ? ContractRun.Good : ContractRun.Bad;
    }

    private static async Task<int> DependentsAsync(ImpactAnalysis analysis, ContractFormat format, CancellationToken cancellationToken)
    {
        foreach (var part in await analysis.DependentsAsync(cancellationToken))
        {
            if (format == ContractFormat.Ndjson)
                Output.Line(new { kind = part.Kind, name = part.Name, needs = part.Fields, via = part.Via });
            else
                System.Console.Out.WriteLine($"{part.Kind} {part.Name}: {(part.Fields.Count > 0 ? $"needs {string.Join(", ", part.Fields)}" : "needs no field by name")}{Via(part.Via)}");
        }

        return ContractRun.Good;
    }

    private static (PipelineDefinition Pipeline, StreamDefinition Stream) Find(ContractFolder folder, string contract)
    {
        var path = Path.GetFullPath(contract);
        foreach (var pipeline in folder.Pipelines)
        {
            if (pipeline.Streams.FirstOrDefault(stream => stream.Topic == contract || stream.ContractFile == path) is { } found)
                return (pipeline, found);
        }

        throw new ContractException($"contract '{contract}': found none of that name; expected one of {string.Join(", ", folder.Pipelines.SelectMany(pipeline => pipeline.Streams).Select(stream => stream.Topic))}. Correct the name.");
    }

    private static string Mark(ImpactEffect effect) => effect switch { ImpactEffect.Breaks => "BREAKS ", ImpactEffect.Changes => "changes", _ => "-      " };

    private static string Word(ImpactEffect effect) => effect.ToString().ToLowerInvariant();

    private static string Via(IReadOnlyList<string> via) => via.Count == 0 ? "" : $"  (via {string.Join(" → ", via)})";
}
