using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using DescriptorType = Google.Protobuf.Reflection.FieldType;
using FileOptions = Google.Protobuf.Reflection.FileOptions;

namespace RealTimeMesh.Contracts;

/// <summary>
/// Options between documents and descriptors. Those of the language itself by the descriptor's own fields; Confluent's
/// metadata (tags, docs) as the extension that clients look for; others as options that nobody has interpreted.
/// </summary>
internal static class ProtoOptionsCodec
{
    private const int MetaField = 1088;

    public static IEnumerable<ProtoOption> Read(IMessage? options)
    {
        if (options is null)
            yield break;

        foreach (var field in options.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.Name == "features" || field.IsMap || (!field.IsRepeated && (!field.HasPresence || !field.Accessor.HasValue(options))))
                continue;

            if (field.Name == "uninterpreted_option")
            {
                foreach (var option in (IEnumerable<UninterpretedOption>)field.Accessor.GetValue(options))
                    yield return Read(option);
            }
            else if (!field.IsRepeated && field.FieldType != DescriptorType.Message)
            {
                yield return new ProtoOption(field.Name, Read(field, field.Accessor.GetValue(options)));
            }
        }

        if (ReadMeta(options) is { Members.Count: > 0 } meta)
            yield return new ProtoOption(MetaName(options), meta);
    }

    /// <summary>Sets the options of a message of the descriptor.</summary>
    public static T? Write<T>(T options, IEnumerable<ProtoOption> all)
        where T : class, IMessage
    {
        var written = false;
        var meta = new MemoryStream();
        foreach (var option in all)
        {
            if (option.Name is "default" or "json_name")
                continue;

            written = true;
            var field = options.Descriptor.FindFieldByName(option.Name);
            if (field is { IsRepeated: false } && field.FieldType != DescriptorType.Message && option.Value is not (ProtoMap or ProtoList) && Value(field, option.Value) is { } value)
                field.Accessor.SetValue(options, value);
            else if (option.Name.StartsWith(MetaName(options), StringComparison.Ordinal))
                WriteMeta(meta, option.Name[MetaName(options).Length..].TrimStart('.'), option.Value);
            else
                Uninterpreted(options, option);
        }

        if (meta.Length > 0)
        {
            var bytes = new MemoryStream();
            var output = new CodedOutputStream(bytes);
            output.WriteTag(MetaField, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(meta.ToArray()));
            output.Flush();
            options.MergeFrom(bytes.ToArray());
        }

        return written ? options : null;
    }

    /// <summary>The name that a field has in JSON where its document gives none.</summary>
    public static string JsonName(string name)
    {
        var json = new StringBuilder(name.Length);
        var upper = false;
        foreach (var c in name)
        {
            if (c != '_')
                json.Append(upper ? char.ToUpperInvariant(c) : c);

            upper = c == '_';
        }

        return json.ToString();
    }

    private static ProtoValue Read(FieldDescriptor field, object value) => field.FieldType switch
    {
        DescriptorType.String => new ProtoText((string)value),
        DescriptorType.Bytes => new ProtoText(((ByteString)value).ToString(Encoding.Latin1)),
        DescriptorType.Bool => new ProtoWord((bool)value ? "true" : "false"),
        DescriptorType.Enum => new ProtoWord(field.EnumType.FindValueByNumber((int)value)?.Name ?? ((int)value).ToString(CultureInfo.InvariantCulture)),
        _ => new ProtoWord(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""),
    };

    private static ProtoOption Read(UninterpretedOption option)
    {
        var name = string.Join('.', option.Name.Select(part => part.IsExtension ? $"({part.NamePart_})" : part.NamePart_));
        ProtoValue value = option switch
        {
            { HasStringValue: true } => new ProtoText(option.StringValue.ToString(Encoding.UTF8)),
            { HasPositiveIntValue: true } => new ProtoWord(option.PositiveIntValue.ToString(CultureInfo.InvariantCulture)),
            { HasNegativeIntValue: true } => new ProtoWord(option.NegativeIntValue.ToString(CultureInfo.InvariantCulture)),
            { HasDoubleValue: true } => new ProtoWord(option.DoubleValue.ToString("R", CultureInfo.InvariantCulture)),
            { HasAggregateValue: true } => Aggregate(option.AggregateValue),
            _ => new ProtoWord(option.IdentifierValue),
        };
        return new ProtoOption(name, value);
    }

    private static ProtoValue Aggregate(string text)
    {
        var file = ProtoParser.Parse($"option x = {{{text}}};");
        return file.Options[0].Value;
    }

    private static object? Value(FieldDescriptor field, ProtoValue value)
    {
        var text = value is ProtoText quoted ? quoted.Text : ((ProtoWord)value).Text;
        return field.FieldType switch
        {
            DescriptorType.String => text,
            DescriptorType.Bool when text is "true" or "false" => text == "true",
            DescriptorType.Int32 when int.TryParse(text, CultureInfo.InvariantCulture, out var number) => number,
            DescriptorType.Enum when field.EnumType.FindValueByName(text) is { } found => Enum.ToObject(field.EnumType.ClrType, found.Number),
            _ => null,
        };
    }

    private static void Uninterpreted(IMessage options, ProtoOption option)
    {
        if (options.Descriptor.FindFieldByName("uninterpreted_option")?.Accessor.GetValue(options) is not IList<UninterpretedOption> list)
            return;

        var written = new UninterpretedOption();
        foreach (var part in option.Name.Split('.').Aggregate(new List<string>(), Join))
            written.Name.Add(new UninterpretedOption.Types.NamePart { NamePart_ = part.Trim('(', ')'), IsExtension = part.StartsWith('(') });

        switch (option.Value)
        {
            case ProtoText text:
                written.StringValue = ByteString.CopyFromUtf8(text.Text);
                break;
            case ProtoWord word when ulong.TryParse(word.Text, CultureInfo.InvariantCulture, out var positive):
                written.PositiveIntValue = positive;
                break;
            case ProtoWord word when long.TryParse(word.Text, CultureInfo.InvariantCulture, out var negative):
                written.NegativeIntValue = negative;
                break;
            case ProtoWord word when double.TryParse(word.Text, CultureInfo.InvariantCulture, out var number):
                written.DoubleValue = number;
                break;
            case ProtoWord word:
                written.IdentifierValue = word.Text;
                break;
            default:
                var aggregate = ProtoValues.Write(option.Value, "", sorted: false);
                written.AggregateValue = option.Value is ProtoMap ? aggregate[1..^1] : aggregate;
                break;
        }

        list.Add(written);
    }

    // A name in brackets may have dots of its own.
    private static List<string> Join(List<string> parts, string part)
    {
        if (parts.Count > 0 && parts[^1].StartsWith('(') && !parts[^1].EndsWith(')'))
            parts[^1] += "." + part;
        else
            parts.Add(part);

        return parts;
    }

    private static string MetaName(IMessage options) => options switch
    {
        FileOptions => "(confluent.file_meta)",
        MessageOptions => "(confluent.message_meta)",
        FieldOptions => "(confluent.field_meta)",
        EnumOptions => "(confluent.enum_meta)",
        EnumValueOptions => "(confluent.enum_value_meta)",
        _ => "(confluent.meta)",
    };

    private static void WriteMeta(MemoryStream target, string part, ProtoValue value)
    {
        var output = new CodedOutputStream(target, leaveOpen: true);
        switch (part, value)
        {
            case ("", ProtoMap map):
                foreach (var (key, member) in map.Members)
                    WriteMeta(target, key, member);

                break;
            case (_, ProtoList list):
                foreach (var item in list.Items)
                    WriteMeta(target, part, item);

                break;
            case ("doc", ProtoText text):
                output.WriteTag(1, WireFormat.WireType.LengthDelimited);
                output.WriteString(text.Text);
                break;
            case ("tags", ProtoText text):
                output.WriteTag(3, WireFormat.WireType.LengthDelimited);
                output.WriteString(text.Text);
                break;
            case ("params", ProtoMap pair):
                output.WriteTag(2, WireFormat.WireType.LengthDelimited);
                output.WriteBytes(Pair(pair));
                break;
        }

        output.Flush();
    }

    private static ByteString Pair(ProtoMap pair)
    {
        var bytes = new MemoryStream();
        var output = new CodedOutputStream(bytes);
        foreach (var (key, value) in pair.Members)
        {
            output.WriteTag(key == "key" ? 1 : 2, WireFormat.WireType.LengthDelimited);
            output.WriteString(value is ProtoText text ? text.Text : "");
        }

        output.Flush();
        return ByteString.CopyFrom(bytes.ToArray());
    }

    private static ProtoMap? ReadMeta(IMessage options)
    {
        var bytes = options.ToByteArray();
        var input = new CodedInputStream(bytes);
        ProtoMap? found = null;
        while (input.ReadTag() is > 0 and var tag)
        {
            if (WireFormat.GetTagFieldNumber(tag) == MetaField && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
                found = ReadMeta(input.ReadBytes());
            else
                input.SkipLastField();
        }

        return found;
    }

    private static ProtoMap ReadMeta(ByteString bytes)
    {
        var members = new List<KeyValuePair<string, ProtoValue>>();
        var (tags, pairs) = (new List<ProtoValue>(), new List<ProtoValue>());
        var input = bytes.CreateCodedInput();
        while (input.ReadTag() is > 0 and var tag)
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1:
                    members.Add(KeyValuePair.Create<string, ProtoValue>("doc", new ProtoText(input.ReadString())));
                    break;
                case 2:
                    pairs.Add(ReadPair(input.ReadBytes()));
                    break;
                case 3:
                    tags.Add(new ProtoText(input.ReadString()));
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }

        if (pairs.Count > 0)
            members.Add(KeyValuePair.Create<string, ProtoValue>("params", new ProtoList(pairs)));

        if (tags.Count > 0)
            members.Add(KeyValuePair.Create<string, ProtoValue>("tags", new ProtoList(tags)));

        return new ProtoMap(members);
    }

    private static ProtoMap ReadPair(ByteString bytes)
    {
        var members = new List<KeyValuePair<string, ProtoValue>>();
        var input = bytes.CreateCodedInput();
        while (input.ReadTag() is > 0 and var tag)
            members.Add(KeyValuePair.Create<string, ProtoValue>(WireFormat.GetTagFieldNumber(tag) == 1 ? "key" : "value", new ProtoText(input.ReadString())));

        return new ProtoMap(members);
    }
}
