using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

internal static class StreamSection
{
    private static readonly TimeSpan DefaultOutOfOrder = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DefaultIdleAfter = TimeSpan.FromSeconds(30);

    public static void Read(PipelineContext context, string name, YamlElement element)
    {
        context.Streams[name] = null;
        Names.Check(element, name);
        if (element.Map("a mapping with contract, key and time", "contract", "key", "time", "expectations", "sources", "protobuf") is not { } map)
            return;
        var contractElement = map.Require("contract", "the path of an Avro schema");
        var contract = contractElement is null ? null : ReadContract(context, contractElement);
        var metadata = contract is null ? null : ReadMetadata(context, contractElement!, contract);
        if (contract is not null)
            context.Schemas[name] = contract.Rows;
        var key = map.Require("key", "the field that gives the message key") is { } keyElement ? ReadKey(keyElement, contract) : null;
        var time = map.Require("time", "the field that gives the event's time") is { } timeElement ? ReadTime(timeElement, contract) : null;
        var suite = map.TryFind("expectations", out var expectations) ? context.Suite(expectations, contract?.Rows) : null;
        var protobuf = contract is not null && map.TryFind("protobuf", out var message) ? ProtobufSection.Read(context, message, contract) : null;
        var sources = map.TryFind("sources", out var list) ? SourceSection.Read(context, list) : [];
        if (contract is not null && sources.Any(source => source.Changes is not null))
            ChangeFieldCheck.Check(contractElement!, contract.Rows);
        if (contract is null || key is null || time is null || metadata is null)
            return;
        context.Streams[name] = new StreamDefinition
        {
            Pipeline = context.Pipeline,
            Name = name,
            Contract = contract,
            ContractFile = context.FilePath(contractElement!, "an Avro schema (.avsc)") ?? "",
            Metadata = metadata,
            Key = key,
            Time = time,
            Expectations = suite?.Text,
            ExpectationsFile = suite?.Path,
            Protobuf = protobuf,
            Sources = sources,
        };
    }

    private static AvroContract? ReadContract(PipelineContext context, YamlElement element)
    {
        if (context.FileText(element, "an Avro schema (.avsc)") is not { } file)
            return null;
        try
        {
            using (JsonDocument.Parse(file.Text))
            {
                return AvroContract.Parse(LocalSchemas.WithDefinitions(file.Path, file.Text));
            }
        }
        catch (JsonException e)
        {
            context.Faults.AddRange([new ConfigurationFault(
                file.Shown, (int)(e.LineNumber ?? 0) + 1, element.Path, "broken JSON", "an Avro schema in JSON", $"Look at byte {e.BytePositionInLine + 1} of that line: {e.Message.Split(" Path:")[0].Split(" LineNumber:")[0]}")]);
        }
        catch (ContractException e)
        {
            element.Fault($"a contract that cannot be used ({e.Message.TrimEnd('.')})", "an Avro record schema", $"Correct {file.Shown}.");
        }

        return null;
    }

    /// <summary>What the contract says of itself, and what a file beside it adds.</summary>
    private static ContractMetadata? ReadMetadata(PipelineContext context, YamlElement element, AvroContract contract)
    {
        try
        {
            var metadata = ContractMetadata.FromSchema(contract.Json);
            var file = Path.ChangeExtension(context.FilePath(element, "an Avro schema (.avsc)")!, ".metadata.json");
            return File.Exists(file) ? metadata.With(ContractMetadata.FromFile(File.ReadAllText(file), context.ShownPath(file))) : metadata;
        }
        catch (ContractException e)
        {
            element.Fault($"metadata that cannot be used ({e.Message.TrimEnd('.')})", "an object with 'metadata' and 'ruleSet'", "Correct the file beside the contract.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            element.Fault($"metadata that cannot be read ({e.Message})", "a readable file", "Check its permissions.");
        }

        return null;
    }

    private static string? ReadKey(YamlElement element, AvroContract? contract)
    {
        var key = element.Text("a field name");
        if (key is null || contract is null)
            return key;
        if (!PipelineContext.CheckField(element, key, contract.Rows, out var field))
            return null;
        if (!field.Nullable && field.Type is FieldType.String or FieldType.Int32 or FieldType.Int64)
            return key;
        element.Fault($"'{key}', which is {(field.Nullable ? "nullable " : "")}{NodeTypes.NameOf(field.Type)}", "a text or integer field that is never null", "Name another field as the key.");
        return null;
    }

    private static EventTime? ReadTime(YamlElement element, AvroContract? contract)
    {
        // The short form names the field alone.
        var map = element.IsText ? null : element.Map("a mapping with field, outOfOrder and idleAfter", "field", "outOfOrder", "idleAfter");
        var field = element.IsText ? element : map?.Require("field", "the field that gives the event's time");
        var outOfOrder = map?.Duration("outOfOrder", DefaultOutOfOrder) ?? DefaultOutOfOrder;
        var idleAfter = map?.Duration("idleAfter", DefaultIdleAfter) ?? DefaultIdleAfter;
        if (field?.Text("a field name") is not { } name)
            return null;
        if (contract is not null)
        {
            if (!PipelineContext.CheckField(field, name, contract.Rows, out var found))
                return null;
            if (found.Type is not (FieldType.Timestamp or FieldType.Int64))
            {
                field.Fault($"'{name}', which is {NodeTypes.NameOf(found.Type)}", "a timestamp field (or a long of microseconds since 1970)", "Name another field, or make it timestamp-micros in the contract.");
                return null;
            }
        }

        return new EventTime(name, outOfOrder, idleAfter);
    }
}
