using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;
using RealTimeMesh.Rules;

namespace RealTimeMesh.DeadLetters.Checking;

/// <summary>
/// Checks messages by the rules of contracts too, which the front door takes from the registry where that has some with the contract's
/// version, else from the pipeline. Of one request; not thread-safe.
/// </summary>
internal sealed class DoorRules(SchemaRegistryClient? registry)
{
    private readonly Dictionary<StreamCheck, Found> _found = [];

    public async ValueTask<Verdict> CheckAsync(StreamCheck door, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        if (!_found.TryGetValue(door, out var rules))
            _found[door] = rules = await FindAsync(door.Stream, cancellationToken);
        var verdict = door.Check(value.Span, rules.Run);
        return rules.Problem is { } problem && verdict.Passes == true ? Verdict.Unknown(problem) : verdict;
    }

    private async ValueTask<Found> FindAsync(StreamDefinition stream, CancellationToken cancellationToken)
    {
        try
        {
            return new Found(RowRuleSet.Compile(stream.Contract, await RegisteredAsync(stream, cancellationToken) ?? stream.Metadata)?.Begin(), null);
        }
        catch (ContractException exception)
        {
            return new Found(null, $"the rules of its contract cannot be asked: {exception.Message}");
        }
    }

    private async ValueTask<ContractMetadata?> RegisteredAsync(StreamDefinition stream, CancellationToken cancellationToken)
    {
        if (registry is null)
            return null;
        var id = await registry.FindIdAsync(stream.Subject, stream.Contract.Json, cancellationToken);
        return (await registry.FindSchemaAsync(id, cancellationToken))?.WholeMetadata is { Rules.Count: > 0 } registered ? registered : null;
    }

    /// <param name="Run">Null where there are no rules.</param>
    /// <param name="Problem">Why they are not known.</param>
    private sealed record Found(RowRuleRun? Run, string? Problem);
}
