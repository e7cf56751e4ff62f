using System.CommandLine;
using RealTimeMesh.AppHost.Lake;
using RealTimeMesh.Contracts;
using RealTimeMesh.Rules;

namespace RealTimeMesh.AppHost.ContractCommands;

/// <summary><c>contracts check</c>: whether contracts may follow the ones that are in use.</summary>
internal sealed class CheckCommand(TimeProvider time)
{
    private const string GitPrefix = "git:";

    private readonly Argument<string?> _path = ContractArguments.Path();
    private readonly Option<string?> _against = new("--against") { Description = "What is in use: a registry's URL (its levels count), a folder, or git:REVISION of the same folder. Without it contracts are only read.", HelpName = "URL|FOLDER|git:REVISION" };
    private readonly Option<Level> _level = new("--level") { Description = "What a new version must do, for folders and git. Default: backward (it reads what the old one wrote).", HelpName = "none|backward|forward|full", DefaultValueFactory = _ => Level.Backward };
    private readonly RegistryArguments _registry = new(time);
    private readonly Option<ContractFormat> _format = ContractArguments.Format();

    public Command Build()
    {
        var command = new Command("check", "Checks contracts against those in use; for CI.") { _path, _against, _level, _format };
        _registry.AddTo(command);
        command.SetAction((result, cancellationToken) => ContractRun.RunAsync(
            async () =>
            {
                var verdicts = await CheckAsync(result, cancellationToken);
                foreach (var verdict in verdicts)
                    Print(verdict, result.GetValue(_format));

                var bad = verdicts.Count(verdict => verdict.IsBad);
                if (result.GetValue(_format) == ContractFormat.Text)
                    System.Console.Out.WriteLine(bad == 0 ? $"{verdicts.Count} contracts are good." : $"{bad} of {verdicts.Count} contracts are not good.");

                return bad == 0 ? ContractRun.Good : ContractRun.Bad;
            },
            cancellationToken));
        return command;
    }

    private async Task<IReadOnlyList<Verdict>> CheckAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var path = result.GetValue(_path);
        var now = ContractFolder.Read(path);
        switch (result.GetValue(_against))
        {
            case null:
                return [.. now.Contracts.Select(contract => Judge(contract, null, Level.None))];
            case var url when Uri.TryCreate(url, UriKind.Absolute, out var registry) && registry.Scheme is "http" or "https":
                return await AgainstRegistryAsync(now, new Uri(url), result, cancellationToken);
            case var revision when revision.StartsWith(GitPrefix, StringComparison.Ordinal):
                using (var tree = await GitTree.CheckOutAsync(now.Path, revision[GitPrefix.Length..], cancellationToken))
                    return AgainstFolder(now, ContractFolder.Read(tree.Path), result.GetValue(_level));

            case var folder:
                return AgainstFolder(now, ContractFolder.Read(folder), result.GetValue(_level));
        }
    }

    private async Task<IReadOnlyList<Verdict>> AgainstRegistryAsync(ContractFolder now, Uri url, ParseResult result, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        var registry = _registry.Client(http, url, result);
        var subjects = (await registry.GetSubjectsAsync(cancellationToken)).ToHashSet(StringComparer.Ordinal);
        var verdicts = new List<Verdict>();
        foreach (var contract in now.Contracts)
        {
            if (Judge(contract, null, Level.None) is { IsBad: true } invalid)
            {
                verdicts.Add(invalid);
                continue;
            }

            // What it refers to may not be registered yet, or be about to change: such a contract is judged here, by the registry's level.
            if (contract.HasReferences && subjects.Contains(contract.Subject))
            {
                verdicts.Add(await JudgeByVersionsAsync(registry, contract, cancellationToken));
                continue;
            }

            var reasons = contract.HasReferences ? [] : await registry.CheckCompatibilityAsync(contract.Subject, contract.Text, contract.Language, cancellationToken);
            verdicts.Add(reasons.Count > 0
                ? new Verdict(contract.Name, contract.Path, "incompatible", [.. reasons.Select(reason => new VerdictReason("REGISTRY", $"subject {contract.Subject}", reason))])
                : new Verdict(contract.Name, contract.Path, subjects.Contains(contract.Subject) ? "compatible" : "new", []));
        }

        return verdicts;
    }

    private static async Task<Verdict> JudgeByVersionsAsync(SchemaRegistryClient registry, ContractFile contract, CancellationToken cancellationToken)
    {
        var (level, isTransitive) = Levels.Parse(await registry.GetLevelAsync(contract.Subject, cancellationToken));
        var versions = await registry.GetVersionsAsync(contract.Subject, cancellationToken);
        var document = contract.Parse();
        var reasons = versions.Reverse().Take(isTransitive ? versions.Count : 1)
            .SelectMany(version => Levels.Check(level, SchemaLanguages.Find(version.Language)!.Parse(version.Text, version.References), document))
            .Distinct().ToArray();
        return new Verdict(contract.Name, contract.Path, reasons.Length > 0 ? "incompatible" : "compatible", reasons);
    }

    private static IReadOnlyList<Verdict> AgainstFolder(ContractFolder now, ContractFolder old, Level level)
    {
        var known = old.Contracts.ToDictionary(contract => contract.Name, StringComparer.Ordinal);
        var verdicts = now.Contracts.Select(contract => Judge(contract, known.GetValueOrDefault(contract.Name), level)).ToList();
        if (level != Level.None && (now.Contracts.Count != 1 || old.Contracts.Count == 1))
        {
            var left = now.Contracts.Select(contract => contract.Name).ToHashSet(StringComparer.Ordinal);
            verdicts.AddRange(old.Contracts.Where(contract => !left.Contains(contract.Name))
                .Select(contract => new Verdict(contract.Name, null, "removed", [new VerdictReason("CONTRACT_REMOVED", "/", "The contract is gone; what reads its events has nothing to read them with")])));
        }

        return verdicts;
    }

    private static Verdict Judge(ContractFile contract, ContractFile? old, Level level)
    {
        try
        {
            var document = contract.Parse();
            if (ContractRules.Faults(contract.Metadata) is { Count: > 0 } faults)
                return new Verdict(contract.Name, contract.Path, "invalid", [.. faults.Select(fault => new VerdictReason("RULE_NOT_APPLIED", "/", fault))]);

            if (old is null)
                return new Verdict(contract.Name, contract.Path, level == Level.None ? "compatible" : "new", []);

            var before = old.Parse();
            if (before.Canonical == document.Canonical)
                return new Verdict(contract.Name, contract.Path, "unchanged", []);

            var reasons = Levels.Check(level, before, document);
            return new Verdict(contract.Name, contract.Path, reasons.Count == 0 ? "compatible" : "incompatible", reasons);
        }
        catch (ContractException e)
        {
            return new Verdict(contract.Name, contract.Path, "invalid", [new VerdictReason("INVALID", "/", e.Message)]);
        }
    }

    private static void Print(Verdict verdict, ContractFormat format)
    {
        if (format == ContractFormat.Ndjson)
        {
            Output.Line(new { contract = verdict.Contract, path = verdict.Path, verdict = verdict.Result, ok = !verdict.IsBad, reasons = verdict.Reasons.Select(reason => new { type = reason.Type, path = reason.Path, description = reason.Description }) });
            return;
        }

        System.Console.Out.WriteLine($"{(verdict.IsBad ? "FAIL" : "ok  ")}  {verdict.Contract}: {verdict.Result}");
        foreach (var reason in verdict.Reasons)
            System.Console.Out.WriteLine($"        {reason.Type} at {reason.Path}: {reason.Description}");
    }
}
