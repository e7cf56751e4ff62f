using Google.Protobuf;
using Google.Protobuf.Reflection;
using FileOptions = Google.Protobuf.Reflection.FileOptions;
using Label = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Label;
using Type = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;

namespace RealTimeMesh.Contracts;

/// <summary>Turns a document into the file descriptor that a compiler would make of it.</summary>
internal sealed class ProtoDescriptorWriter(ProtoFile file, ProtoTypes types)
{
    private readonly List<string> _scope = [];

    /// <summary>The descriptor in base64.</summary>
    public static string Write(ProtoFile file, ProtoTypes types) => Convert.ToBase64String(new ProtoDescriptorWriter(file, types).File().ToByteArray());

    private FileDescriptorProto File()
    {
        var descriptor = new FileDescriptorProto { Name = "default", Options = ProtoOptionsCodec.Write(new FileOptions(), file.Options) };
        if (file.Package is not null)
            descriptor.Package = file.Package;

        if (file.Edition is not null)
        {
            descriptor.Syntax = "editions";
            descriptor.Edition = Enum.TryParse<Edition>("_" + file.Edition, out var edition) ? edition : Edition._2023;
        }
        else if (file.IsProto3)
        {
            descriptor.Syntax = "proto3";
        }

        descriptor.Dependency.AddRange(file.Imports);
        foreach (var import in file.PublicImports)
        {
            descriptor.PublicDependency.Add(descriptor.Dependency.Count);
            descriptor.Dependency.Add(import);
        }

        descriptor.MessageType.AddRange(file.Types.OfType<ProtoMessage>().Select(Message));
        descriptor.EnumType.AddRange(file.Types.OfType<ProtoEnum>().Select(EnumType));
        descriptor.Extension.AddRange(file.Extends.SelectMany(Extensions));
        descriptor.Service.AddRange(file.Services.Select(Service));
        return descriptor;
    }

    private DescriptorProto Message(ProtoMessage message)
    {
        _scope.Add(message.Name);
        var descriptor = new DescriptorProto { Name = message.Name, Options = ProtoOptionsCodec.Write(new MessageOptions(), message.Options) };
        foreach (var field in message.Fields)
        {
            descriptor.Field.Add(Field(field));
            if (field.IsMap)
                AddMap(descriptor, field);
        }

        for (var i = 0; i < message.OneOfs.Count; i++)
        {
            descriptor.OneofDecl.Add(new OneofDescriptorProto { Name = message.OneOfs[i].Name, Options = ProtoOptionsCodec.Write(new OneofOptions(), message.OneOfs[i].Options) });
            foreach (var field in message.OneOfs[i].Fields)
            {
                var written = Field(field);
                written.OneofIndex = i;
                descriptor.Field.Add(written);
            }
        }

        var byNumber = descriptor.Field.ToDictionary(field => field.Number);

        // Each optional field of proto3 stands in a oneof of its own, behind those that were written.
        foreach (var field in file.IsProto3 ? message.Fields.Where(field => field.Label == "optional") : [])
        {
            var written = byNumber[field.Number];
            written.Proto3Optional = true;
            written.OneofIndex = descriptor.OneofDecl.Count;
            descriptor.OneofDecl.Add(new OneofDescriptorProto { Name = "_" + field.Name });
        }

        descriptor.NestedType.AddRange(message.Types.OfType<ProtoMessage>().Select(Message));
        descriptor.EnumType.AddRange(message.Types.OfType<ProtoEnum>().Select(EnumType));
        descriptor.Extension.AddRange(message.Extends.SelectMany(Extensions));
        descriptor.ExtensionRange.AddRange(message.Extensions.Select(range => new DescriptorProto.Types.ExtensionRange { Start = range.From, End = range.To + 1 }));
        descriptor.ReservedRange.AddRange(message.Reserved.Where(range => range.Name is null).Select(range => new DescriptorProto.Types.ReservedRange { Start = range.From, End = range.To + 1 }));
        descriptor.ReservedName.AddRange(message.Reserved.Where(range => range.Name is not null).Select(range => range.Name));
        _scope.RemoveAt(_scope.Count - 1);
        return descriptor;
    }

    private FieldDescriptorProto Field(ProtoField field)
    {
        var descriptor = new FieldDescriptorProto
        {
            Name = field.Name,
            Number = field.Number,
            JsonName = field.Options.FirstOrDefault(option => option.Name == "json_name")?.Value is ProtoText json ? json.Text : ProtoOptionsCodec.JsonName(field.Name),
            Label = field.IsMap || field.Label == "repeated" ? Label.Repeated : field.Label == "required" ? Label.Required : Label.Optional,
            Options = ProtoOptionsCodec.Write(new FieldOptions(), field.Options),
        };
        if (field.Options.FirstOrDefault(option => option.Name == "default")?.Value is { } value)
            descriptor.DefaultValue = value is ProtoText text ? text.Text : ((value as ProtoWord)?.Text ?? "");

        if (field.IsMap)
            (descriptor.Type, descriptor.TypeName) = (Type.Message, "." + Full(EntryName(field.Name)));
        else
            SetType(descriptor, field.Type, field.Group is not null);

        return descriptor;
    }

    private void SetType(FieldDescriptorProto descriptor, string type, bool group = false)
    {
        if (ProtoTypes.IsScalar(type))
        {
            descriptor.Type = Enum.Parse<Type>(type, ignoreCase: true);
            return;
        }

        var name = types.Resolve(type, _scope)!;
        descriptor.TypeName = "." + name;
        descriptor.Type = group ? Type.Group : types.Find(name)!.Type is ProtoEnum ? Type.Enum : Type.Message;
    }

    private void AddMap(DescriptorProto owner, ProtoField field)
    {
        var entry = new DescriptorProto { Name = EntryName(field.Name), Options = new MessageOptions { MapEntry = true } };
        var key = new FieldDescriptorProto { Name = "key", Number = 1, JsonName = "key", Label = Label.Optional };
        var value = new FieldDescriptorProto { Name = "value", Number = 2, JsonName = "value", Label = Label.Optional };
        SetType(key, field.MapTypes.Key);
        SetType(value, field.MapTypes.Value);
        entry.Field.Add(key);
        entry.Field.Add(value);
        owner.NestedType.Add(entry);
    }

    private IEnumerable<FieldDescriptorProto> Extensions(ProtoExtend extend) => extend.Fields.Select(field =>
    {
        var descriptor = Field(field);
        descriptor.Extendee = "." + types.Resolve(extend.Target, _scope);
        return descriptor;
    });

    private static EnumDescriptorProto EnumType(ProtoEnum found)
    {
        var descriptor = new EnumDescriptorProto { Name = found.Name, Options = ProtoOptionsCodec.Write(new EnumOptions(), found.Options) };
        descriptor.Value.AddRange(found.Constants.Select(constant => new EnumValueDescriptorProto { Name = constant.Name, Number = constant.Number, Options = ProtoOptionsCodec.Write(new EnumValueOptions(), constant.Options) }));
        descriptor.ReservedRange.AddRange(found.Reserved.Where(range => range.Name is null).Select(range => new EnumDescriptorProto.Types.EnumReservedRange { Start = range.From, End = range.To }));
        descriptor.ReservedName.AddRange(found.Reserved.Where(range => range.Name is not null).Select(range => range.Name));
        return descriptor;
    }

    private ServiceDescriptorProto Service(ProtoService service)
    {
        var descriptor = new ServiceDescriptorProto { Name = service.Name, Options = ProtoOptionsCodec.Write(new ServiceOptions(), service.Options) };
        descriptor.Method.AddRange(service.Rpcs.Select(rpc => new MethodDescriptorProto
        {
            Name = rpc.Name,
            InputType = "." + types.Resolve(rpc.Request, []),
            OutputType = "." + types.Resolve(rpc.Response, []),
            ClientStreaming = rpc.RequestStreams,
            ServerStreaming = rpc.ResponseStreams,
            Options = ProtoOptionsCodec.Write(new MethodOptions(), rpc.Options),
        }));
        return descriptor;
    }

    private string Full(string name) => string.Join('.', new[] { file.Package }.Concat(_scope).Append(name).Where(part => !string.IsNullOrEmpty(part)));

    private static string EntryName(string field)
    {
        var json = ProtoOptionsCodec.JsonName(field);
        return char.ToUpperInvariant(json[0]) + json[1..] + "Entry";
    }
}
