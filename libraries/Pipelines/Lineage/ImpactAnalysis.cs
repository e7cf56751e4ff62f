using System.Text.Json.Nodes;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>
/// Which parts of a pipeline a change of a stream's contract reaches: the pipeline is read again as if the contract were
/// the new one, and every SQL table downstream is bound by the engine against the columns that it would find then.
/// </summary>
public sealed class ImpactAnalysis(string pipelinesPath, PipelineDefinition pipeline, StreamDefinition stream, IQueryColumns engine)
{
    /// <summary>Every part that depends on the contract, transitively, with the effect of a new text of it.</summary>
    public async Task<IReadOnlyList<Impact>> OfChangeAsync(string schema, CancellationToken cancellationToken)
    {
        AvroContract contract;
        try
        {
            contract = AvroContract.Parse(LocalSchemas.WithDefinitions(stream.ContractFile, schema));
        }
        catch (ContractException e)
        {
            return [new Impact("stream", stream.Topic, ImpactEffect.Breaks, $"the contract cannot be used: {e.Message}", [])];
        }

        var changed = PipelineLoader.Load(pipelinesPath, [Path.GetFileName(pipeline.Directory)], new Dictionary<string, string> { [stream.ContractFile] = schema });
        var faults = changed.Faults.Select(FaultOf).ToList();
        var found = new List<Impact>
        {
            OfPart("stream", stream.Topic, faults, $"streams.{stream.Name}.", () => Columns(stream.Contract.Rows, contract.Rows), []),
        };
        if (stream.ExpectationsFile is { } suite)
            found.Add(OfPart("expectations", Path.GetFileNameWithoutExtension(suite), faults, $"file:{suite}", () => "", [stream.Topic]));

        foreach (var view in pipeline.Views.Where(view => view.From.Name == stream.Name))
            found.Add(OfPart("view", $"{pipeline.Name}.{view.Name}", faults, $"views.{view.Name}.", () => ViewColumns.Of(view).Change(contract.Rows), [stream.Topic]));
        foreach (var view in pipeline.Flows.Where(view => view.Streams.Any(read => read.Name == stream.Name)))
            found.Add(OfPart("view", $"{pipeline.Name}.{view.Name}", faults, $"views.{view.Name}.", () => ViewColumns.Of(view).Change(ViewColumns.Rows(view, stream, contract.Rows)), [stream.Topic]));

        found.AddRange(await new TableImpact(pipeline, stream, engine).OfAsync(contract.Rows, cancellationToken));
        return found;
    }

    /// <summary>Every part that depends on the contract, transitively, and the fields without which it breaks.</summary>
    public async Task<IReadOnlyList<Dependent>> DependentsAsync(CancellationToken cancellationToken)
    {
        var all = await OfChangeAsync(stream.Contract.Json, cancellationToken);
        var fields = all.ToDictionary(impact => (impact.Kind, impact.Name), _ => new List<string>());
        foreach (var field in stream.Contract.Record.Fields)
        {
            if (Without(field.Name) is not { } schema)
                continue;

            foreach (var impact in await OfChangeAsync(schema, cancellationToken))
            {
                if (impact.Effect == ImpactEffect.Breaks && fields.TryGetValue((impact.Kind, impact.Name), out var list))
                    list.Add(field.Name);
            }
        }

        return [.. all.Select(impact => new Dependent(impact.Kind, impact.Name, fields[(impact.Kind, impact.Name)], impact.Via))];
    }

    /// <summary>Why events written before could not be read with a new text of the contract; nothing where it is no schema, which the stream's own effect tells.</summary>
    public IReadOnlyList<string> Unreadable(string schema)
    {
        try
        {
            return [.. SchemaCompatibility.Check(AvroSchema.Parse(LocalSchemas.WithDefinitions(stream.ContractFile, schema)), stream.Contract.Record).Select(reason => reason.Describe("new", "old"))];
        }
        catch (ContractException)
        {
            return [];
        }
    }

    /// <summary>What became of columns: <c>'a' is gone, 'b' is int instead of text</c>; empty where nothing did.</summary>
    internal static string Columns(RowSchema old, RowSchema now) => string.Join(", ", [
        .. old.Fields.Where(field => now.IndexOf(field.Name) < 0).Select(field => $"'{field.Name}' is gone"),
        .. old.Fields.Where(field => now.IndexOf(field.Name) is >= 0 and var at && TypeOf(now.Fields[at]) != TypeOf(field)).Select(field => $"'{field.Name}' is {TypeOf(now.Fields[now.IndexOf(field.Name)])} instead of {TypeOf(field)}"),
        .. now.Fields.Where(field => old.IndexOf(field.Name) < 0).Select(field => $"'{field.Name}' is new"),
    ]);

    private static string TypeOf(Field field) =>
        (field.Nullable ? "nullable " : "") + (field.Type == FieldType.Decimal ? $"decimal({field.Precision},{field.Scale})" : NodeTypes.NameOf(field.Type));

    private static Impact OfPart(string kind, string name, List<(string Part, string Reason)> faults, string part, Func<string> change, IReadOnlyList<string> via)
    {
        var reasons = faults.Where(fault => fault.Part.StartsWith(part, StringComparison.Ordinal)).Select(fault => fault.Reason).ToList();
        if (reasons.Count > 0)
            return new Impact(kind, name, ImpactEffect.Breaks, string.Join("; ", reasons), via);

        var changed = change();
        return new Impact(kind, name, changed.Length > 0 ? ImpactEffect.Changes : ImpactEffect.None, changed, via);
    }

    private (string Part, string Reason) FaultOf(ConfigurationFault fault)
    {
        var inPipeline = Path.GetFullPath(fault.File) == Path.Combine(pipeline.Directory, PipelineLoader.FileName);
        return (inPipeline ? fault.Element + "." : $"file:{Path.GetFullPath(fault.File)}", $"{fault.Element}: found {fault.Found}");
    }

    private string? Without(string field)
    {
        var schema = JsonNode.Parse(stream.Contract.Json)!;
        var fields = schema["fields"]!.AsArray();
        fields.RemoveAll(item => item!["name"]!.GetValue<string>() == field);
        return fields.Count == 0 ? null : schema.ToJsonString();
    }
}
