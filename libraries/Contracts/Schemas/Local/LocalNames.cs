using System.Text.Json;

namespace RealTimeMesh.Contracts;

/// <summary>What files define: Avro's full names, the addresses of JSON Schemas. Looked up once, when it is first asked for.</summary>
internal sealed class LocalNames
{
    private readonly Lazy<ILookup<string, LocalSchema>> _avro;
    private readonly Lazy<ILookup<string, LocalSchema>> _json;

    public LocalNames(IReadOnlyList<LocalSchema> files)
    {
        _avro = new(() => Index(files, "AVRO", file => SchemaNames.Defined(file.Text)));
        _json = new(() => Index(files, "JSON", file => SchemaNames.Address(file.Text) is { } address ? [address] : []));
    }

    public IReadOnlyList<LocalSchema> Defining(string fullName) => [.. _avro.Value[fullName]];

    public IReadOnlyList<LocalSchema> WithId(SchemaName name) => _json.Value[name.Address].ToArray() is { Length: > 0 } found ? found : [.. _json.Value[name.Name]];

    private static ILookup<string, LocalSchema> Index(IReadOnlyList<LocalSchema> files, string language, Func<LocalSchema, IEnumerable<string>> names) =>
        files.Where(file => file.Language == language).SelectMany(file => Names(file, names).Select(name => (name, file))).ToLookup(entry => entry.name, entry => entry.file, StringComparer.Ordinal);

    /// <summary>A file that is no schema defines nothing; as a contract it is judged by itself.</summary>
    private static IReadOnlyList<string> Names(LocalSchema file, Func<LocalSchema, IEnumerable<string>> names)
    {
        try
        {
            return [.. names(file).Distinct(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is ContractException or JsonException)
        {
            return [];
        }
    }
}
