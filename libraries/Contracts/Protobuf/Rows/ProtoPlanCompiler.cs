namespace RealTimeMesh.Contracts;

/// <summary>Resolves a message's fields against a contract's.</summary>
internal sealed class ProtoPlanCompiler(ProtoFile file, ProtoTypes types)
{
    private readonly List<string> _faults = [];

    public ProtobufRowReader Compile(string name, RowSchema rows)
    {
        if (types.Find(name) is not { Type: ProtoMessage message } found)
            throw new ContractException($"Protobuf schema: found no message '{name}'; expected one of its messages.");

        var scope = found.LocalName.Split('.');
        var matches = Match(message, rows);
        var entries = new List<ProtobufRowReader.Entry>();
        foreach (var (field, column) in matches)
        {
            if (Step(field, rows.Fields[column], scope, found.Package) is { } step)
            {
                var oneOf = message.OneOfs.Find(candidate => candidate.Fields.Contains(field));
                var siblings = matches.Where(other => other.Field != field && oneOf?.Fields.Contains(other.Field) == true).Select(other => other.Column).ToArray();
                entries.Add(new ProtobufRowReader.Entry(field.Number, rows.Fields[column].Name, column, step, Absent(field, oneOf is not null, step, scope, found.Package), siblings));
            }
        }

        foreach (var missing in rows.Fields.Where((field, i) => !field.Nullable && !field.HasDefault && matches.TrueForAll(match => match.Column != i)))
            _faults.Add($"field '{missing.Name}': message '{name}' does not have it; expected a field of this name, or one that may be missing. Add it to the message, or give the contract's field a default");

        return _faults.Count == 0
            ? new ProtobufRowReader(name, entries, rows.Fields.Count)
            : throw new ContractException($"message '{name}': {string.Join("; ", _faults)}.");
    }

    /// <summary>By name, else by name in JSON, else by an alias of the contract's field; a better match takes the field.</summary>
    private static List<(ProtoField Field, int Column)> Match(ProtoMessage message, RowSchema rows)
    {
        var matches = new List<(ProtoField Field, int Column)>();
        for (var i = 0; i < rows.Fields.Count; i++)
        {
            var wanted = rows.Fields[i];
            var field = message.AllFields.FirstOrDefault(candidate => candidate.Name == wanted.Name)
                ?? message.AllFields.FirstOrDefault(candidate => JsonName(candidate) == wanted.Name)
                ?? message.AllFields.FirstOrDefault(candidate => wanted.Aliases.Contains(candidate.Name, StringComparer.Ordinal) || wanted.Aliases.Contains(JsonName(candidate), StringComparer.Ordinal));
            if (field is not null)
                matches.Add((field, i));
        }

        return matches;
    }

    private static string JsonName(ProtoField field) =>
        Option(field, "json_name") is ProtoText text ? text.Text : ProtoOptionsCodec.JsonName(field.Name);

    private static ProtoValue? Option(ProtoField field, string name) => field.Options.FirstOrDefault(option => option.Name == name)?.Value;

    private ProtoStep? Step(ProtoField field, Field target, string[] scope, string package)
    {
        if (field.IsMap || field.Label == "repeated" || field.Group is not null)
            return Refuse(target, field.IsMap ? field.Type : $"{field.Label ?? "group"} {field.Type}");

        if (ProtoScalars.Step(field.Type, target) is { } scalar)
            return scalar;

        if (ProtoTypes.IsScalar(field.Type) || types.Resolve(field.Type, scope, package) is not { } name)
            return Refuse(target, field.Type);

        return types.Find(name)!.Type switch
        {
            ProtoEnum found when target.Type == FieldType.String && !target.Uuid => new ProtoEnumStep(Names(found)),
            ProtoEnum when target.Type is FieldType.Int32 or FieldType.Int64 => new ProtoIntegerStep(ProtoInteger.Int32),
            ProtoMessage => Known(name, target) ?? Refuse(target, $"message {name}"),
            _ => Refuse(target, $"enum {name}"),
        };
    }

    private static ProtoStep? Known(string name, Field target) => (name, target.Type) switch
    {
        ("google.protobuf.Timestamp", FieldType.Timestamp or FieldType.Date) => new ProtoTimestampStep(),
        ("google.type.Date", FieldType.Date) => new ProtoDateStep(),
        ("google.type.Decimal", FieldType.Decimal) => Wrapped("string", target),
        ("confluent.type.Decimal", FieldType.Decimal) => new ProtoDecimalStep(),
        ("google.protobuf.DoubleValue", _) => Wrapped("double", target),
        ("google.protobuf.FloatValue", _) => Wrapped("float", target),
        ("google.protobuf.Int64Value", _) => Wrapped("int64", target),
        ("google.protobuf.UInt64Value", _) => Wrapped("uint64", target),
        ("google.protobuf.Int32Value", _) => Wrapped("int32", target),
        ("google.protobuf.UInt32Value", _) => Wrapped("uint32", target),
        ("google.protobuf.BoolValue", _) => Wrapped("bool", target),
        ("google.protobuf.StringValue", _) => Wrapped("string", target),
        ("google.protobuf.BytesValue", _) => Wrapped("bytes", target),
        _ => null,
    };

    private static ProtoWrapperStep? Wrapped(string scalar, Field target) =>
        ProtoScalars.Step(scalar, target) is { } step ? new ProtoWrapperStep(step, ProtoScalars.Zero(step)) : null;

    private static Dictionary<int, string> Names(ProtoEnum found)
    {
        var names = new Dictionary<int, string>();
        // Of aliases the first one is the name.
        foreach (var constant in found.Constants)
            names.TryAdd(constant.Number, constant.Name);

        return names;
    }

    /// <summary>The value of a field that was not written: null where the schema can tell that from a written zero and gives no default.</summary>
    private byte[]? Absent(ProtoField field, bool inOneOf, ProtoStep step, string[] scope, string package)
    {
        if (Option(field, "default") is { } value)
            return ProtoScalars.Encode(field.Type, value, step) ?? EncodeEnum(field, value, scope, package);

        var message = !ProtoTypes.IsScalar(field.Type) && types.Resolve(field.Type, scope, package) is { } name && types.Find(name)!.Type is ProtoMessage;
        if (inOneOf || message || field.Label is not null)
            return null;

        if (file.Edition is not null)
        {
            var own = Option(field, "features.field_presence") ?? file.Options.Find(option => option.Name == "features.field_presence")?.Value;
            return own is ProtoWord { Text: "IMPLICIT" } ? ProtoScalars.Zero(step) : null;
        }

        return file.IsProto3 ? ProtoScalars.Zero(step) : null;
    }

    private byte[]? EncodeEnum(ProtoField field, ProtoValue value, string[] scope, string package) =>
        value is ProtoWord word && types.Resolve(field.Type, scope, package) is { } name && (types.Find(name)!.Type as ProtoEnum)?.Constants.Find(constant => constant.Name == word.Text) is { } constant
            ? ProtoScalars.Varint((ulong)constant.Number)
            : null;

    private ProtoStep? Refuse(Field target, string found)
    {
        _faults.Add($"field '{target.Name}': found {found}; expected a value that {RowFaults.Expected(target)} can be made of");
        return null;
    }
}
