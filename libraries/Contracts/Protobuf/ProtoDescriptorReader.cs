using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace RealTimeMesh.Contracts;

/// <summary>Turns a file descriptor, as compilers write it, back into the document it is of.</summary>
internal static class ProtoDescriptorReader
{
    /// <summary>Reads a descriptor in base64; null where the text is none.</summary>
    public static ProtoFile? TryRead(string text)
    {
        try
        {
            // Through the text, which is what is stored: a descriptor can say what no document can.
            return ProtoParser.Parse(ProtoWriter.Canonical(Read(FileDescriptorProto.Parser.ParseFrom(Convert.FromBase64String(text.Trim())))));
        }
        catch (Exception e) when (e is FormatException or InvalidProtocolBufferException or ContractException)
        {
            return null;
        }
    }

    public static ProtoFile Read(FileDescriptorProto descriptor)
    {
        var file = new ProtoFile
        {
            Syntax = descriptor.Syntax == "editions" ? null : descriptor.HasSyntax ? descriptor.Syntax : "proto2",
            Edition = descriptor.Syntax == "editions" ? descriptor.Edition.ToString().Replace("_", "", StringComparison.Ordinal).Replace("Edition", "", StringComparison.Ordinal) : null,
            Package = descriptor.HasPackage && descriptor.Package.Length > 0 ? descriptor.Package : null,
        };
        var proto3 = file.IsProto3;
        for (var i = 0; i < descriptor.Dependency.Count; i++)
            (descriptor.PublicDependency.Contains(i) ? file.PublicImports : file.Imports).Add(descriptor.Dependency[i]);

        file.Options.AddRange(ProtoOptionsCodec.Read(descriptor.Options));
        file.Types.AddRange(descriptor.MessageType.Select(message => Message(message, proto3)));
        file.Types.AddRange(descriptor.EnumType.Select(Enum));
        file.Extends.AddRange(Extends(descriptor.Extension, proto3));
        foreach (var service in descriptor.Service)
            file.Services.Add(Service(service));

        return file;
    }

    private static ProtoMessage Message(DescriptorProto descriptor, bool proto3)
    {
        var message = new ProtoMessage(descriptor.Name) { IsMapEntry = descriptor.Options?.MapEntry == true };
        var maps = descriptor.NestedType.Where(nested => nested.Options?.MapEntry == true && nested.Field.Count == 2).DistinctBy(nested => nested.Name, StringComparer.Ordinal).ToDictionary(nested => nested.Name, StringComparer.Ordinal);
        message.Options.AddRange(ProtoOptionsCodec.Read(descriptor.Options).Where(option => option.Name != "map_entry"));
        message.OneOfs.AddRange(descriptor.OneofDecl.Select(oneOf => new ProtoOneOf(oneOf.Name)));
        for (var i = 0; i < descriptor.OneofDecl.Count; i++)
            message.OneOfs[i].Options.AddRange(ProtoOptionsCodec.Read(descriptor.OneofDecl[i].Options));

        foreach (var field in descriptor.Field)
        {
            var inOneOf = field.HasOneofIndex && !field.Proto3Optional;
            if (inOneOf && (field.OneofIndex < 0 || field.OneofIndex >= message.OneOfs.Count))
                throw new ContractException($"message {descriptor.Name}: found field '{field.Name}' of oneof {field.OneofIndex}; expected one of {message.OneOfs.Count}");

            (inOneOf ? message.OneOfs[field.OneofIndex].Fields : message.Fields).Add(Field(field, proto3, inOneOf, maps));
        }

        // An optional field of proto3 is alone in a oneof that nobody wrote.
        message.OneOfs.RemoveAll(oneOf => oneOf.Fields.Count == 0);
        message.Types.AddRange(descriptor.NestedType.Where(nested => !maps.ContainsKey(nested.Name)).Select(nested => Message(nested, proto3)));
        message.Types.AddRange(descriptor.EnumType.Select(Enum));
        message.Extends.AddRange(Extends(descriptor.Extension, proto3));
        message.Extensions.AddRange(descriptor.ExtensionRange.Select((range, i) => new ProtoReserved(range.Start, range.End - 1, null, i)));
        message.Reserved.AddRange(descriptor.ReservedRange.Select(range => new ProtoReserved(range.Start, range.End - 1, null, 0)));
        message.Reserved.AddRange(descriptor.ReservedName.Select(name => new ProtoReserved(0, 0, name, 1)));
        return message;
    }

    private static ProtoField Field(FieldDescriptorProto field, bool proto3, bool inOneOf, Dictionary<string, DescriptorProto> maps)
    {
        var options = ProtoOptionsCodec.Read(field.Options).ToList();
        if (field.HasDefaultValue)
            options.Add(new ProtoOption("default", field.Type is FieldDescriptorProto.Types.Type.String or FieldDescriptorProto.Types.Type.Bytes ? new ProtoText(field.DefaultValue) : new ProtoWord(field.DefaultValue)));

        if (field.HasJsonName && field.JsonName != ProtoOptionsCodec.JsonName(field.Name))
            options.Add(new ProtoOption("json_name", new ProtoText(field.JsonName)));

        if (field.HasTypeName && maps.TryGetValue(field.TypeName[(field.TypeName.LastIndexOf('.') + 1)..], out var entry))
            return new ProtoField(null, $"map<{Type(entry.Field[0])}, {Type(entry.Field[1])}>", field.Name, field.Number, options);

        var label = field.Label switch
        {
            FieldDescriptorProto.Types.Label.Repeated => "repeated",
            FieldDescriptorProto.Types.Label.Required => "required",
            _ => inOneOf || (proto3 && !field.Proto3Optional) ? null : "optional",
        };
        return new ProtoField(label, Type(field), field.Name, field.Number, options);
    }

    private static string Type(FieldDescriptorProto field) =>
        field.HasTypeName ? field.TypeName : field.Type.ToString().ToLowerInvariant();

    private static ProtoEnum Enum(EnumDescriptorProto descriptor)
    {
        var found = new ProtoEnum(descriptor.Name);
        found.Options.AddRange(ProtoOptionsCodec.Read(descriptor.Options));
        found.Constants.AddRange(descriptor.Value.Select(value => new ProtoConstant(value.Name, value.Number, [.. ProtoOptionsCodec.Read(value.Options)])));
        found.Reserved.AddRange(descriptor.ReservedRange.Select(range => new ProtoReserved(range.Start, range.End, null, 0)));
        found.Reserved.AddRange(descriptor.ReservedName.Select(name => new ProtoReserved(0, 0, name, 1)));
        return found;
    }

    private static IEnumerable<ProtoExtend> Extends(IEnumerable<FieldDescriptorProto> extensions, bool proto3) =>
        extensions.GroupBy(field => field.Extendee).Select(group => new ProtoExtend(group.Key, [.. group.Select(field => Field(field, proto3, inOneOf: false, []))]));

    private static ProtoService Service(ServiceDescriptorProto descriptor)
    {
        var service = new ProtoService(descriptor.Name);
        service.Options.AddRange(ProtoOptionsCodec.Read(descriptor.Options));
        service.Rpcs.AddRange(descriptor.Method.Select(method => new ProtoRpc(method.Name, method.InputType, method.ClientStreaming, method.OutputType, method.ServerStreaming, [.. ProtoOptionsCodec.Read(method.Options)])));
        return service;
    }
}
