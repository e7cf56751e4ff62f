using System.CommandLine;
using RealTimeMesh.AppHost.Lake;
using Spectre.Console;

namespace RealTimeMesh.AppHost.ContractCommands;

/// <summary><c>contracts list</c>: contracts with what is known of them.</summary>
internal sealed class ListCommand
{
    private readonly Argument<string?> _path = ContractArguments.Path();
    private readonly Option<ContractFormat> _format = ContractArguments.Format();

    public Command Build()
    {
        var command = new Command("list", "Shows contracts with their owner, description, personal data and rules.") { _path, _format };
        command.SetAction((result, cancellationToken) => ContractRun.RunAsync(
            () =>
            {
                var contracts = ContractFolder.Read(result.GetValue(_path)).Contracts;
                if (result.GetValue(_format) == ContractFormat.Ndjson)
                {
                    foreach (var contract in contracts)
                        Output.Line(Facts(contract));
                }
                else
                {
                    Print(contracts);
                }

                return Task.FromResult(ContractRun.Good);
            },
            cancellationToken));
        return command;
    }

    private static object Facts(ContractFile contract) => new
    {
        contract = contract.Name,
        path = contract.Path,
        type = contract.Language,
        subject = contract.Subject,
        owner = contract.Metadata.Owner,
        description = contract.Metadata.Description,
        pii = contract.Metadata.PiiFields,
        tags = contract.Metadata.Tags,
        properties = contract.Metadata.Properties,
        rules = contract.Metadata.Rules.Select(rule => new { name = rule.Name, kind = rule.Kind, mode = rule.Mode, type = rule.Type, tags = rule.Tags, expr = rule.Expression, onFailure = rule.OnFailure, doc = rule.Doc }),
    };

    private static void Print(IReadOnlyList<ContractFile> contracts)
    {
        var table = Output.Table("contract", "type", "owner", "description", "personal data", "rules");
        foreach (var contract in contracts)
        {
            var about = contract.Metadata;
            table.AddRow([.. ((string[])[contract.Name, contract.Language, about.Owner ?? "-", about.Description ?? "-", Join(about.PiiFields), Join(about.Rules.Select(rule => rule.Name))]).Select(Markup.Escape)]);
        }

        Output.Terminal().Write(table);

        static string Join(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } text ? text : "-";
    }
}
