using System.CommandLine;
using RealTimeMesh.AppHost.Lake;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.AppHost.ContractCommands;

/// <summary><c>contracts register</c>: brings contracts into a registry, each after those it refers to.</summary>
internal sealed class RegisterCommand(TimeProvider time)
{
    private readonly Argument<string?> _path = ContractArguments.Path();
    private readonly Option<string> _to = new("--to") { Description = "The registry.", HelpName = "URL", Required = true };
    private readonly RegistryArguments _registry = new(time);
    private readonly Option<ContractFormat> _format = ContractArguments.Format();

    public Command Build()
    {
        var command = new Command("register", "Registers contracts with what they refer to, in order. A file's subject is its name without extension.") { _path, _to, _format };
        _registry.AddTo(command);
        command.SetAction((result, cancellationToken) => ContractRun.RunAsync(() => RunAsync(result, cancellationToken), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var contracts = ContractFolder.Read(result.GetValue(_path)).Contracts;
        // Everything is read before anything is registered.
        var known = Known(contracts);
        foreach (var contract in contracts)
            Parse(contract);
        using var http = new HttpClient();
        var registry = _registry.Client(http, RegistryArguments.Url(result.GetValue(_to)!), result);
        var versions = new Dictionary<string, RegistryReference>(StringComparer.Ordinal);
        foreach (var contract in contracts)
        {
            foreach (var use in contract.Around?.All(contract.Local) ?? [])
                await RegisterAsync(registry, known.GetValueOrDefault(use.File.Path) ?? ContractFile.Of(use.File, contract.Around!), versions, result, cancellationToken);
            await RegisterAsync(registry, contract, versions, result, cancellationToken);
        }

        return ContractRun.Good;
    }

    private async Task RegisterAsync(SchemaRegistryClient registry, ContractFile contract, Dictionary<string, RegistryReference> versions, ParseResult result, CancellationToken cancellationToken)
    {
        if (versions.ContainsKey(contract.Path))
            return;
        RegistryReference[] references = [.. (contract.Around?.Direct(contract.Local) ?? []).Select(use => versions[use.File.Path] with { Name = use.Name })];
        var version = await registry.RegisterDocumentAsync(contract.Subject, new RegisteredSchema(contract.Text, contract.Language, []), references, contract.Metadata, cancellationToken);
        versions[contract.Path] = new RegistryReference(contract.Subject, contract.Subject, version);
        if (result.GetValue(_format) == ContractFormat.Ndjson)
            Output.Line(new { contract = contract.Name, path = contract.Path, subject = contract.Subject, version, references = references.Select(use => new { name = use.Name, subject = use.Subject, version = use.Version }) });
        else
            System.Console.Out.WriteLine($"{contract.Subject} version {version}{(references.Length > 0 ? $" (refers to {string.Join(", ", references.Select(use => $"{use.Subject} version {use.Version}"))})" : "")}");
    }

    private static Dictionary<string, ContractFile> Known(IReadOnlyList<ContractFile> contracts)
    {
        if (contracts.GroupBy(contract => contract.Subject, StringComparer.Ordinal).FirstOrDefault(group => group.Select(contract => contract.Path).Distinct(StringComparer.Ordinal).Count() > 1) is { } twice)
            throw new ContractException($"subject '{twice.Key}': found {string.Join(" and ", twice.Select(contract => contract.Name))}; expected one file for a subject. Rename one.");
        return contracts.DistinctBy(contract => contract.Path).ToDictionary(contract => contract.Path, StringComparer.Ordinal);
    }

    private static void Parse(ContractFile contract)
    {
        try
        {
            contract.Parse();
        }
        catch (ContractException e)
        {
            throw new ContractException($"{contract.Name}: {e.Message}", e);
        }
    }
}
