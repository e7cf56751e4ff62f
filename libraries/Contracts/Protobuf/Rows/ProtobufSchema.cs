namespace RealTimeMesh.Contracts;

/// <summary>A Protobuf document with those it imports: what messages are read by.</summary>
public sealed class ProtobufSchema
{
    private readonly ProtoFile _file;
    private readonly ProtoTypes _types;

    private ProtobufSchema(ProtoFile file, ProtoTypes types) => (_file, _types) = (file, types);

    /// <summary>Full names of the messages that the document declares, outer ones before those within.</summary>
    public IReadOnlyList<string> Messages => [.. Names(_file.Types, Prefix)];

    private string Prefix => string.IsNullOrEmpty(_file.Package) ? "" : _file.Package + ".";

    /// <summary>Reads a document as a registry keeps it. Throws <see cref="ContractException"/> where it is not Protobuf, or wrong.</summary>
    public static ProtobufSchema Parse(RegisteredSchema schema)
    {
        if (schema.Language != "PROTOBUF")
            throw new ContractException($"schema of type {schema.Language}: expected PROTOBUF. Send events of this schema in its own form.");

        var (file, types) = ProtobufLanguage.Load(schema.Text, schema.References);
        return new ProtobufSchema(file, types);
    }

    /// <summary>Reads a document and, from the folder it stands in or one above it, those it imports.</summary>
    public static ProtobufSchema Load(string path)
    {
        var references = new List<ReferencedSchema>();
        var text = File.ReadAllText(path);
        ProtoImports.Collect(text, Path.GetDirectoryName(Path.GetFullPath(path))!, references);
        return Parse(new RegisteredSchema(text, "PROTOBUF", references));
    }

    /// <summary>The full name of a message: one by name (with or without its package), or without a name the only one or the first. Throws <see cref="ContractException"/> where there is none.</summary>
    public string Find(string? name)
    {
        var all = Messages;
        if (all.Count == 0)
            throw new ContractException("Protobuf schema: found no message; expected at least one.");

        if (string.IsNullOrEmpty(name))
            return all[0];

        return all.FirstOrDefault(known => known == name)
            ?? all.FirstOrDefault(known => known == Prefix + name)
            ?? throw new ContractException($"Protobuf schema: found message type '{name}'; expected one of {string.Join(", ", all.Take(20))}.");
    }

    /// <summary>The message at a path of places, as the frames of clients have it; null where there is none.</summary>
    public string? Find(ReadOnlySpan<int> indexes)
    {
        IReadOnlyList<ProtoType> types = _file.Types;
        var name = Prefix;
        foreach (var index in indexes)
        {
            var messages = types.OfType<ProtoMessage>().ToArray();
            if ((uint)index >= (uint)messages.Length)
                return null;

            types = messages[index].Types;
            name = name.Length == 0 || name.EndsWith('.') ? name + messages[index].Name : $"{name}.{messages[index].Name}";
        }

        return indexes.IsEmpty ? null : name;
    }

    /// <summary>A plan that reads messages into rows. Throws <see cref="ContractException"/> with every fault where rows could not be made of them.</summary>
    /// <param name="message">Full name of the message, as <see cref="Find(string)"/> gives it.</param>
    /// <param name="rows">The contract's fields.</param>
    public ProtobufRowReader Compile(string message, RowSchema rows) => new ProtoPlanCompiler(_file, _types).Compile(message, rows);

    /// <summary>A message as JSON for people. Throws <see cref="ContractException"/> where the bytes are no such message.</summary>
    /// <param name="message">Full name of the message.</param>
    /// <param name="payload">The message without a frame.</param>
    public System.Text.Json.Nodes.JsonObject ToJson(string message, ReadOnlySpan<byte> payload) => new ProtoJsonReader(_types).Read(message, payload);

    private static IEnumerable<string> Names(IEnumerable<ProtoType> types, string prefix)
    {
        foreach (var message in types.OfType<ProtoMessage>())
        {
            yield return prefix + message.Name;
            foreach (var inner in Names(message.Types, prefix + message.Name + "."))
                yield return inner;
        }
    }
}
